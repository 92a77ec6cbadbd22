"""The one Piccolo app: its name is written beside each migration that ran."""

from piccolo.conf.apps import AppConfig

from marketplace import paths

APP_CONFIG = AppConfig(app_name="marketplace", migrations_folder_path=paths.migrations())
