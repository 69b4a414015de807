"""Makes the modules of the protocol, when the package is built from the repository."""

import pathlib
import shutil
import subprocess

from setuptools import setup
from setuptools.command.build_py import build_py

HERE = pathlib.Path(__file__).resolve().parent
PROTOS = ("esockets", "presence")


class BuildWithProtos(build_py):
    """protoc writes into the package, unless they are there: Bazel makes them itself."""

    def run(self):
        folder = HERE / "esockets" / "proto"
        if not all((folder / f"{name}_pb2.py").exists() for name in PROTOS):
            self._generate(folder)
        super().run()

    @staticmethod
    def _generate(folder):
        root = HERE.parent.parent
        out = HERE / "build" / "protos"
        out.mkdir(parents=True, exist_ok=True)
        subprocess.run(["protoc", f"-I{root}", f"--python_out={out}", f"--pyi_out={out}",
                        *(f"{root}/proto/{name}.proto" for name in PROTOS)], check=True)
        for made in (out / "proto").iterdir():
            shutil.copy(made, folder)


setup(cmdclass={"build_py": BuildWithProtos})
