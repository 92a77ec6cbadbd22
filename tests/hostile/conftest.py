from tests.hostile.fixtures import ground, hostile_app

__all__ = ["ground", "hostile_app"]
