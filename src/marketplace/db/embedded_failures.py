"""Why the embedded server could not start, in one sentence that says what to do."""

import errno
from dataclasses import dataclass
from pathlib import Path

from marketplace.errors import CommandError


@dataclass(frozen=True, slots=True)
class Failures:
    """The sentences for one data folder."""

    folder: Path

    def of_postgres(self, said: str) -> CommandError:
        """Find the sentence for what PostgreSQL said before it gave up."""
        if "No space left on device" in said or "Disk quota exceeded" in said:
            return self.disk_full()
        if "could not create shared memory" in said or "could not map anonymous" in said:
            return CommandError(
                "There is not enough memory to start the database. Stop other programs or give"
                " this machine more."
            )
        if "has invalid permissions" in said or "has wrong ownership" in said:
            return CommandError(
                f"The file system of {self.folder} does not keep permissions, which PostgreSQL"
                " needs. Choose a folder on a local disk with --data."
            )
        if "could not execute" in said or "error while loading shared libraries" in said:
            return CommandError(
                "The programs of PostgreSQL that we bring do not run here. Set DATABASE_URL"
                " to a PostgreSQL 18 server."
            )
        telling = [
            line.split(":", 2)[-1].strip()
            for line in said.splitlines()
            if any(word in line for word in ("FATAL:", "PANIC:", "error:", "ERROR:"))
        ]
        return self.damaged(telling[0] if telling else "it ended without a word")

    def damaged(self, why: str) -> CommandError:
        """Say that the database is beyond starting."""
        return CommandError(
            f"The database in {self.folder} is damaged and cannot be started ({why.rstrip('.')})."
            " Restore a backup of the folder, or start over with --reset."
        )

    def disk_full(self) -> CommandError:
        """Say that there is no room."""
        return CommandError(
            f"The disk that holds {self.folder} is full. Free at least 200 MB and start again."
        )

    def of_files(self, error: OSError) -> CommandError:
        """Find the sentence for what the file system refused."""
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            return self.disk_full()
        place = error.filename or self.folder
        if error.errno in {errno.EACCES, errno.EPERM, errno.EROFS}:
            return CommandError(
                f"We may not write to {place}. Choose another data folder with --data, or correct"
                " its permissions."
            )
        return CommandError(
            f"We cannot use the data folder {self.folder}: {error.strerror or error} ({place})."
            " Choose another with --data."
        )
