"""The package as a whole: what it may use, and on which Python."""

import ast
import re
import sys
import unittest

from tests import SDK

SOURCES = sorted((SDK / "src" / "toru_plugin").glob("*.py"))
EXAMPLES = sorted((SDK.parents[2] / "examples").glob("*-python*/*.py"))
#: Names of the standard library that came after Python 3.9, where this package might want them.
NEWER = {
    "asyncio": ("TaskGroup", "Runner", "timeout", "timeout_at", "Barrier", "eager_task_factory"),
    "builtins": ("aiter", "anext", "ExceptionGroup", "BaseExceptionGroup"),
    "inspect": ("get_annotations", "markcoroutinefunction"),
    "typing": ("ParamSpec", "TypeAlias", "TypeGuard", "Self", "Never", "Unpack", "override", "assert_never"),
    "itertools": ("pairwise", "batched"),
    "contextlib": ("aclosing", "chdir"),
    "datetime": ("UTC",),
    "enum": ("StrEnum",),
}


class Package(unittest.TestCase):
    def test_python_3_9(self):
        """[LANG-2] the sources are Python 3.9, and use nothing that came later."""
        self.assertGreater(len(SOURCES), 30)
        newer = {name for names in NEWER.values() for name in names}
        for file in [*SOURCES, *EXAMPLES]:
            tree = ast.parse(file.read_text("utf-8"), str(file), feature_version=(3, 9))
            for node in ast.walk(tree):
                self.assertNotIsInstance(node, getattr(ast, "Match", ()), file)
                found = {alias.name for alias in node.names} if isinstance(node, ast.ImportFrom) else set()
                if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in NEWER:
                    found.add(node.attr)
                if isinstance(node, ast.Name):
                    found |= {node.id} & set(NEWER["builtins"])
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "zip":
                    found |= {"strict"} & {keyword.arg for keyword in node.keywords}
                self.assertEqual(found & (newer | {"strict"}), set(), f"{file}:{getattr(node, 'lineno', 0)}")

    def test_standard_library_only(self):
        """[LANG-2] [LIC-6] nothing has to be installed beside it, but for licence keys of the second form where they are checked."""
        modules = getattr(sys, "stdlib_module_names", None)  # Python 3.10
        if modules is None:
            self.skipTest("this Python does not know the names of its own modules")
        for file in SOURCES:
            tree = ast.parse(file.read_text("utf-8"))
            if file.name == "_license_ed25519.py":
                for function in [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]:
                    function.body = []
            for node in ast.walk(tree):
                names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
                if isinstance(node, ast.ImportFrom) and node.level == 0:
                    names.append(node.module)
                for name in names:
                    self.assertIn(name.split(".")[0], modules, file)

    def test_size_of_modules(self):
        """A module has one responsibility, and a size to go with it."""
        for file in SOURCES:
            self.assertLessEqual(len(file.read_text("utf-8").splitlines()), 300, file)

    def test_door(self):
        """What the package exports is all that it promises, and exists."""
        import toru_plugin

        self.assertEqual(sorted(toru_plugin.__all__), toru_plugin.__all__)
        for name in toru_plugin.__all__:
            self.assertTrue(re.match("[A-Z]", name) and hasattr(toru_plugin, name), name)


if __name__ == "__main__":
    unittest.main()
