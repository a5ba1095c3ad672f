"""`bizops install` with the real installer and a plugin in a local folder."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.conftest import Toy

PYPROJECT = """\
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]
[project]
name = "tap-local"
version = "{version}"
[project.scripts]
{command} = "tap_local:main"
"""
# A build backend of its own, so that no test needs a package index.
BACKEND = """\
import tomllib
import zipfile
INFO = "tap_local-1.0.dist-info"
def build_wheel(directory, config_settings=None, metadata_directory=None):
    with open("pyproject.toml", "rb") as file:
        ((command, place),) = tomllib.load(file)["project"]["scripts"].items()
    files = {
        "METADATA": "Metadata-Version: 2.1\\nName: tap-local\\nVersion: 1.0\\n",
        "WHEEL": "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n",
        "entry_points.txt": f"[console_scripts]\\n{command} = {place}\\n",
        "RECORD": "",
    }
    name = "tap_local-1.0-py3-none-any.whl"
    with zipfile.ZipFile(f"{directory}/{name}", "w") as wheel:
        wheel.write("tap_local/__init__.py")
        for file, text in files.items():
            wheel.writestr(f"{INFO}/{file}", text)
    return name
"""


@pytest.fixture
def local(folder: Toy) -> Toy:
    """Give a project whose tap is a package in a folder with a space in its name."""
    package = folder.directory / "my taps" / "tap-local"
    (package / "tap_local").mkdir(parents=True)
    source = Path(__file__).parents[1] / "scripted" / "tap_toy.py"
    (package / "tap_local" / "__init__.py").write_text(source.read_text())
    (package / "backend.py").write_text(BACKEND)
    write_pyproject(folder)
    folder.document["taps"] = {
        "tap-local": {"install": "./my taps/tap-local", "config": {"rows": 5}}
    }
    folder.scripted_target()
    folder.document["jobs"]["default"]["taps"] = ["tap-local"]
    folder.write()
    return folder


def write_pyproject(
    toy: Toy, *, command: str = "tap-local", version: str = "1.0"
) -> None:
    file = toy.directory / "my taps" / "tap-local" / "pyproject.toml"
    file.write_text(PYPROJECT.format(command=command, version=version))


def module(toy: Toy) -> Path:
    return toy.directory / "my taps" / "tap-local" / "tap_local" / "__init__.py"


def install(toy: Toy, *words: str) -> dict[str, str]:
    done = toy.run("install", "--json", *words, timeout_s=120)
    assert done.returncode == 0, done.stderr
    return {item["plugin"]: item["outcome"] for item in json.loads(done.stdout)}


def current(toy: Toy) -> dict[str, str]:
    file = toy.directory / ".bizops" / "plugins" / "tap-local" / "current.json"
    return json.loads(file.read_text())


def test_a_plugin_is_installed_once_and_anew_when_its_source_changes(
    local: Toy,
) -> None:
    assert install(local) == {"tap-local": "installed", "target-toy": "external"}
    first = current(local)
    assert Path(first["executable"]).is_file()
    assert json.loads(Path(first["about_file"]).read_text())["name"] == "tap-toy"

    assert install(local, "tap-local") == {"tap-local": "unchanged"}
    assert current(local) == first

    # Only a module changes: uv alone would take the wheel it has built before.
    module(local).write_text(module(local).read_text().replace("1.2.3", "9.9.9"))
    checked = local.run("check")
    assert "have changed since it was installed" in checked.stdout
    assert install(local, "tap-local") == {"tap-local": "installed"}
    second = current(local)
    assert second["directory"] != first["directory"]
    assert json.loads(Path(second["about_file"]).read_text())["version"] == "9.9.9"
    assert "installed 9.9.9" in local.run("check").stdout


def test_a_broken_install_leaves_the_old_one_in_force(local: Toy) -> None:
    install(local)
    before = current(local)
    write_pyproject(local, version="not a version")

    done = local.run("install", timeout_s=120)

    assert done.returncode == 8
    assert "tap-local could not be installed" in done.stderr
    assert "the installer said" in done.stderr
    assert "version" in done.stderr
    assert "Traceback" not in done.stderr.split("the installer said")[0]
    assert current(local) == before
    plugin = local.directory / ".bizops" / "plugins" / "tap-local"
    folders = [item.name for item in plugin.iterdir() if item.is_dir()]
    assert folders == [Path(before["directory"]).name]
    assert "version" in (plugin / "install.log").read_text()


def test_an_environment_whose_python_is_gone_is_made_anew(local: Toy) -> None:
    install(local)
    python = Path(current(local)["directory"]) / "bin" / "python"
    python.unlink()
    python.symlink_to("/nowhere/python")

    done = local.run("elt", "run", "--frozen")
    assert done.returncode == 2
    assert "the environment of tap-local is broken" in done.stderr
    assert "bizops install tap-local" in done.stderr

    # A run makes it anew; this one is refused after that, for its name.
    done = local.run("elt", "run", "--run-id", "!", timeout_s=120)
    assert "tap-local: installed in" in done.stderr
    assert "is not a valid run id" in done.stderr
    assert install(local, "tap-local") == {"tap-local": "unchanged"}


def test_a_command_that_is_not_in_the_package_is_told(local: Toy) -> None:
    write_pyproject(local, command="tap-other-name")

    done = local.run("install", timeout_s=120)

    assert done.returncode == 8
    assert "has no command 'tap-local'" in done.stderr
    assert "tap-other-name" in done.stderr
    assert "executable" in done.stderr


def test_a_path_to_nothing_is_told(local: Toy) -> None:
    local.document["taps"]["tap-local"]["install"] = "./taps/nowhere"
    local.write()

    done = local.run("install")

    assert done.returncode == 8
    assert "there is nothing at ./taps/nowhere" in done.stderr


def test_an_unknown_plugin_is_answered_with_the_nearest(local: Toy) -> None:
    done = local.run("install", "tap-locl")
    assert done.returncode == 2
    assert "Did you mean 'tap-local'?" in done.stderr


def test_a_run_installs_what_is_missing_unless_it_is_told_not_to(local: Toy) -> None:
    done = local.run("elt", "run", "--frozen")
    assert done.returncode == 2
    assert "tap-local is not installed" in done.stderr
    assert "Run `bizops install tap-local`." in done.stderr

    done = local.run("elt", "run", "--job", "defualt")
    assert "Did you mean 'default'?" in done.stderr
    assert not (local.directory / ".bizops" / "plugins" / "tap-local").exists()
    module(local).unlink()
    done = local.run("elt", "run")
    assert done.returncode == 8, done.stderr
    assert "tap-local could not be installed" in done.stderr


def test_without_uv_pip_does_it(local: Toy, tmp_path: Path, monkeypatch) -> None:
    from bizops_cli.plugins.installer import Installer

    installer = Installer(
        directory=local.directory,
        variables={"PATH": str(Path(sys.executable).parent)},
        log=tmp_path / "install.log",
        uv=None,
    )

    installer.make(tmp_path / "env", ["./my taps/tap-local"], "tap-local")

    assert (tmp_path / "env" / "bin" / "tap-local").is_file()


def test_an_address_with_a_token_is_no_argument_of_the_installer(
    folder: Toy, wait_until
) -> None:
    import socket

    token = "glpat-very-secret-token"
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        folder.variables |= {"GIT_TOKEN": token, "UV_HTTP_RETRIES": "0"}
        folder.document["taps"]["tap-toy"]["install"] = (
            f"tap-x @ http://me:${{GIT_TOKEN}}@127.0.0.1:{port}/tap_x-1.0.tar.gz"
        )
        folder.write()
        process = folder.start("install", "tap-toy")
        connection, _ = server.accept()
        lines = [
            file.read_bytes()
            for file in Path("/proc").glob("[0-9]*/cmdline")
            if file.exists()
        ]
        connection.close()
    output, _ = process.communicate(timeout=120)

    assert any(b"requirements.txt" in line for line in lines)
    assert not any(token.encode() in line for line in lines)
    assert process.returncode == 8
    assert token not in output
    log = folder.directory / ".bizops" / "plugins" / "tap-toy" / "install.log"
    assert token not in log.read_text()


# Locks


def make_wheel(folder: Path, version: str) -> Path:
    """Make the wheel of a package that a plugin needs."""
    folder.mkdir(exist_ok=True)
    file = folder / f"dep_x-{version}-py3-none-any.whl"
    info = f"dep_x-{version}.dist-info"
    with zipfile.ZipFile(file, "w") as wheel:
        wheel.writestr("dep_x.py", f"VERSION = '{version}'\n")
        meta = f"Metadata-Version: 2.1\nName: dep-x\nVersion: {version}\n"
        wheel.writestr(f"{info}/METADATA", meta)
        wheel.writestr(
            f"{info}/WHEEL",
            "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        )
        wheel.writestr(f"{info}/RECORD", "")
    return file


@pytest.fixture
def dependent(local: Toy) -> Toy:
    """Give a plugin that needs a package, of which there is one version."""
    backend = module(local).parents[1] / "backend.py"
    needs = "Version: 1.0\\nRequires-Dist: dep-x\\n"
    backend.write_text(BACKEND.replace("Version: 1.0\\n", needs, 1))
    project = backend.with_name("pyproject.toml")
    scripts = "[project.scripts]"
    text = project.read_text().replace(scripts, f'dependencies = ["dep-x"]\n{scripts}')
    project.write_text(text)
    make_wheel(local.directory / "index", "1.0")
    local.variables |= {
        "UV_NO_INDEX": "1",
        "UV_FIND_LINKS": str(local.directory / "index"),
        "UV_CACHE_DIR": str(local.directory / "cache"),
    }
    return local


def dependency(toy: Toy) -> str:
    pointer = toy.directory / ".bizops/plugins/tap-local/current.json"
    python = Path(json.loads(pointer.read_text())["directory"]) / "bin" / "python"
    code = "import dep_x; print(dep_x.VERSION)"
    done = subprocess.run([python, "-c", code], capture_output=True, check=True)
    return done.stdout.decode().strip()


def test_a_locked_plugin_keeps_its_versions_when_newer_ones_come(
    dependent: Toy,
) -> None:
    assert install(dependent, "--lock", "tap-local") == {"tap-local": "installed"}
    lock = dependent.directory / "bizops.lock" / "tap-local.txt"
    assert "dep-x==1.0" in lock.read_text()
    assert "--hash=sha256:" in lock.read_text()
    assert str(dependent.directory) not in lock.read_text()
    make_wheel(dependent.directory / "index", "1.1")

    assert install(dependent, "--frozen", "--force", "tap-local")
    assert dependency(dependent) == "1.0"
    assert install(dependent, "--frozen", "tap-local") == {"tap-local": "unchanged"}
    assert install(dependent, "--lock", "tap-local") == {"tap-local": "installed"}
    assert dependency(dependent) == "1.1"


def test_a_package_that_is_not_what_was_locked_is_refused(dependent: Toy) -> None:
    install(dependent, "--lock", "tap-local")
    file = make_wheel(dependent.directory / "index", "1.0")
    with zipfile.ZipFile(file, "a") as wheel:
        wheel.writestr("evil.py", "")
    dependent.variables["UV_CACHE_DIR"] += "2"
    done = dependent.run("install", "--frozen", "--force", "tap-local", timeout_s=120)
    assert done.returncode == 8
    assert "hash" in done.stderr.lower()
    assert dependency(dependent) == "1.0"


def test_frozen_wants_a_lock_that_fits(dependent: Toy) -> None:
    done = dependent.run("install", "--frozen", "tap-local")
    assert done.returncode == 8
    assert "the lock of tap-local is missing" in done.stderr
    install(dependent, "--lock", "tap-local")
    write_pyproject(dependent, version="2.0")
    done = dependent.run("install", "--frozen", "tap-local")
    assert done.returncode == 8
    assert "the lock of tap-local is outdated" in done.stderr
    assert "bizops install --lock tap-local" in done.stderr
