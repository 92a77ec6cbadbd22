"""Templates that cost less at each request, because more of them is settled when they are compiled.

A list of twenty cards has some hundred icons and five hundred values. What names an icon or a file
literally becomes text of the template; white space that no browser shows is left out; a value that
needs no escaping is not wrapped first. What a page says and how it is escaped stays as it was.
"""

import contextlib
import hashlib
import os
import re
from functools import cache
from pathlib import Path
from typing import Any

import jinja2
import platformdirs
from jinja2 import Environment, FileSystemBytecodeCache, nodes
from jinja2.bccache import Bucket
from jinja2.compiler import CodeGenerator, Frame
from jinja2.visitor import NodeTransformer
from markupsafe import Markup, escape

from marketplace import paths

try:
    from markupsafe._speedups import _escape_inner as _escaped  # what `escape` does to text, in C
except ImportError:

    def _escaped(s: str, /) -> str:
        return escape(s)


# Functions of their arguments alone: the same names are filters, which Jinja evaluates when it
# compiles if what they are given is literal, and calls with less ado if it is not.
SETTLED = frozenset({"asset", "icon"})

_LINES = re.compile(r"[ \t]*\n\s*")
_BLANKS = re.compile(r"[ \t]{2,}")
# White space counts in these, and in mail, which people read as its source.
_AS_WRITTEN = re.compile(r"<(pre|textarea|script|style)\b")


@cache
def kept() -> FileSystemBytecodeCache | None:
    """Give what was compiled before, in the user's cache folder; None where there is none.

    Compiling all pages takes seconds at each start, reading them a fraction of one. The folder is
    as trusted as Python's own bytecode: it must be ours and nobody else's to write to.
    """
    folder = platformdirs.user_cache_path("marketplace", appauthor=False) / "pages"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        status = folder.stat()
    except OSError:
        return None
    ours = status.st_uid == os.geteuid() and not status.st_mode & 0o022
    return _Kept(str(folder), _made_with()) if ours else None


def _made_with() -> str:
    """Give a digest of what compiled pages depend on beside their source."""
    digest = hashlib.blake2b(jinja2.__version__.encode(), digest_size=16)
    # Addresses of files carry the hash of their content and are settled when a page is compiled.
    files = [path for path in paths.static().rglob("*") if path.is_file()]
    for path in sorted([Path(__file__), *files]):
        digest.update(f"\0{path.name}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


class _Kept(FileSystemBytecodeCache):
    """Jinja's, which a full or broken disk cannot stop, and one file a page wherever it lies."""

    def __init__(self, directory: str, made_with: str) -> None:
        super().__init__(directory, "%s.page")
        self.made_with = made_with

    def get_cache_key(self, name: str, filename: str | None = None) -> str:
        return super().get_cache_key(name)

    def get_source_checksum(self, source: str) -> str:
        return super().get_source_checksum(self.made_with + source)

    def load_bytecode(self, bucket: Bucket) -> None:
        try:
            super().load_bytecode(bucket)
        except Exception:  # Half a file after a crash is read by pickle, which raises anything.
            bucket.reset()

    def dump_bytecode(self, bucket: Bucket) -> None:
        with contextlib.suppress(OSError):
            super().dump_bytecode(bucket)


class Pages(Environment):
    """The environment of our pages; its globals named in `SETTLED` must be filters too."""

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        tree: nodes.Template = _Settle().visit(super()._parse(source, name, filename))
        page = (name or "").endswith(".html") and not (name or "").startswith("email/")
        if page and not _AS_WRITTEN.search(source):
            for data in tree.find_all(nodes.TemplateData):
                data.data = _BLANKS.sub(" ", _LINES.sub("\n", data.data))
        return tree

    @staticmethod
    def shown(value: Any) -> str:
        """Escape a value for HTML, as `escape` does; text is not wrapped, since it is joined."""
        kind = type(value)
        if kind is str:
            return _escaped(value)
        if kind is Markup:
            return value
        return escape(value)


class _Settle(NodeTransformer):
    """Write `icon("leaf")` as `"leaf" | icon`."""

    def visit_Call(self, node: nodes.Call, *args: Any, **kwargs: Any) -> nodes.Node:
        self.generic_visit(node)
        called = node.node
        if not (isinstance(called, nodes.Name) and called.name in SETTLED and node.args):
            return node
        return nodes.Filter(
            node.args[0],
            called.name,
            node.args[1:],
            node.kwargs,
            node.dyn_args,
            node.dyn_kwargs,
            lineno=node.lineno,
            environment=node.environment,
        )


class _Quicker(CodeGenerator):
    def _output_child_pre(self, node: nodes.Expr, frame: Frame, finalize: Any) -> None:
        if frame.eval_ctx.autoescape and not frame.eval_ctx.volatile and finalize.src is None:
            self.write("environment.shown(")
        else:
            super()._output_child_pre(node, frame, finalize)


Pages.code_generator_class = _Quicker
