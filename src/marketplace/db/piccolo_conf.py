"""What Piccolo asks for: our engine, and the one app that holds all migrations."""

from piccolo.conf.apps import AppRegistry

from marketplace.db.engine import ENGINE

DB = ENGINE
APP_REGISTRY = AppRegistry(apps=["marketplace.db.piccolo_app"])
