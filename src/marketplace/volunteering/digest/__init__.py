"""The weekly digest: what is new or short of people and suits somebody who asked for it."""
