"""Parts of the test matrix: other versions of Compose, and another engine in namespaces of its own."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("docker.io", "docker-cli", "docker-compose", "docker-buildx", "containerd")
READY_SECONDS = 60.0
LINK = "le-matrix"
"""Network device between this machine and the other engine."""
OUTSIDE, INSIDE = "10.231.254.1", "10.231.254.2"


class Missing(Exception):
    """A part of a row cannot be had on this machine."""


def compose_variables(version: str, cache: Path, scratch: Path) -> dict[str, str]:
    """Variables with which ``docker compose`` is this version; buildx comes with it, because each wants a recent one."""
    if version == "own":
        return {}
    testing = debian_testing(cache) / "usr/libexec/docker/cli-plugins"
    plugin = testing / "docker-compose" if version == "testing" else built_compose(version, cache)
    plugins = scratch / "client" / "cli-plugins"
    plugins.mkdir(parents=True)
    (plugins / "docker-compose").symlink_to(plugin)
    (plugins / "docker-buildx").symlink_to(testing / "docker-buildx")
    return {"DOCKER_CONFIG": str(plugins.parent)}


def once(place: Path, make: Callable[[Path], None]) -> Path:
    """Make a folder of the cache whole or not at all."""
    if not place.exists():
        unfinished = place.with_name(f"{place.name}.unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(parents=True)
        make(unfinished)
        unfinished.rename(place)
    return place


def built_compose(version: str, cache: Path) -> Path:
    """Build a Compose version from its Go module."""
    need("go")
    module = f"github.com/docker/compose/v{version.partition('.')[0]}"

    def make(folder: Path) -> None:
        say(f"building Compose {version} (about a minute, once)")
        found = output(["go", "mod", "download", "-json", f"{module}@v{version}"], cwd=folder)
        source = folder / "source"
        shutil.copytree(json.loads(found)["Dir"], source, copy_function=shutil.copyfile)
        flag = f"-X {module}/internal.Version=v{version}"
        output(["go", "build", "-trimpath", f"-ldflags={flag}", f"-o={folder / 'docker-compose'}", "./cmd"], cwd=source)
        shutil.rmtree(source)

    return once(cache / f"compose-{version}", make) / "docker-compose"


def debian_testing(cache: Path) -> Path:
    """Unpack Debian testing's engine, client and plugins; nothing is installed."""
    for program in ("apt-get", "dpkg-deb"):
        need(program)

    def make(folder: Path) -> None:
        say("fetching Debian testing's engine and plugins (once)")
        state = folder / "apt"
        (state / "lists" / "partial").mkdir(parents=True)
        (state / "cache" / "archives" / "partial").mkdir(parents=True)
        (state / "testing.sources").write_text(testing_source())
        settings = {
            "Dir::Etc::sourcelist": state / "testing.sources",
            "Dir::Etc::sourceparts": "/dev/null",
            "Dir::Etc::preferences": "/dev/null",
            "Dir::Etc::preferencesparts": "/dev/null",
            "Dir::State::lists": state / "lists",
            "Dir::Cache": state / "cache",
            "APT::Sandbox::User": "root",
            "Acquire::Languages": "none",
        }
        apt = ["apt-get", "-qq", *(f"-o={key}={value}" for key, value in settings.items())]
        output([*apt, "update"], cwd=state)
        output([*apt, "download", *PACKAGES], cwd=state)
        for package in sorted(state.glob("*.deb")):
            output(["dpkg-deb", "--extract", str(package), str(folder / "prefix")], cwd=state)
        shutil.rmtree(state)

    return once(cache / "debian-testing", make) / "prefix"


def testing_source() -> str:
    """Derive a source for Debian testing from this machine's own for its own release."""
    release = re.search(r"^VERSION_CODENAME=\"?([a-z]+)", Path("/etc/os-release").read_text(), re.MULTILINE)
    own = release[1] if release else ""
    for file in sorted(Path("/etc/apt").glob("sources.list.d/*.sources")):
        for block in re.split(r"\n\s*\n", file.read_text()):
            suites = re.search(r"^Suites:(.*)$", block, re.MULTILINE)
            if suites and own in suites[1].split():
                plain = "\n".join(line for line in block.splitlines() if not line.startswith("#"))
                return re.sub(r"^Suites:.*$", "Suites: testing", plain, flags=re.MULTILINE) + "\n"
    for file in (Path("/etc/apt/sources.list"), *sorted(Path("/etc/apt").glob("sources.list.d/*.list"))):
        for line in file.read_text().splitlines() if file.exists() else ():
            found = re.match(rf"deb\s+(?:\[([^]]*)\]\s+)?(\S+)\s+{own}\s+(.*)$", line)
            if own and found:
                signed = re.search(r"signed-by=(\S+)", found[1] or "")
                key = f"Signed-By: {signed[1]}\n" if signed else ""
                return f"Types: deb\nURIs: {found[2]}\nSuites: testing\nComponents: {found[3]}\n{key}"
    raise Missing(f"no apt source for {own or 'this release'} to derive one for testing from")


@contextlib.contextmanager
def engine_apart(prefix: Path, cache: Path, scratch: Path) -> Iterator[tuple[int, Path]]:
    """Run the unpacked engine beside this machine's own; yields its process and socket. It has this machine's images."""
    for program in ("unshare", "nsenter", "ip", "runc", "iptables"):
        need(program)
    if os.geteuid() != 0:
        raise Missing("an engine of its own needs root")
    socket = scratch / "docker.sock"
    places = {"data-root": cache / "engine", "exec-root": scratch / "exec", "pidfile": scratch / "pid"}
    search = os.pathsep.join([str(prefix / "usr/sbin"), str(prefix / "usr/bin"), os.environ["PATH"]])
    with (cache / "engine.log").open("wb") as log:
        engine = subprocess.Popen(
            [
                *("unshare", "--net", "--mount", "--propagation=private", "--", str(prefix / "usr/sbin/dockerd")),
                *(f"--{name}={place}" for name, place in places.items()),
                *(f"--host=unix://{socket}", "--config-file=/dev/null"),
            ],
            env={**os.environ, "PATH": search},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        try:
            await_engine(engine, socket, cache / "engine.log")
            copy_images(socket)
            with way_out(engine.pid):
                yield engine.pid, socket
        finally:
            engine.terminate()
            engine.wait(timeout=READY_SECONDS)


@contextlib.contextmanager
def way_out(pid: int) -> Iterator[None]:
    """Let the namespace reach what this machine reaches: images of the suite install packages when they are built."""
    inside = ["nsenter", f"--target={pid}", "--net", "ip"]
    rules = (
        ("nat", "POSTROUTING", "--source", INSIDE, "--jump", "MASQUERADE"),
        ("filter", "FORWARD", "--in-interface", LINK, "--jump", "ACCEPT"),
        ("filter", "FORWARD", "--out-interface", LINK, "--jump", "ACCEPT"),
    )
    with contextlib.ExitStack() as stack:
        output(["ip", "link", "add", LINK, "type", "veth", "peer", "name", "eth0", "netns", str(pid)], cwd=ROOT)
        stack.callback(output, ["ip", "link", "delete", LINK], cwd=ROOT)
        for table, chain, *rule in rules:
            output(["iptables", "--wait", "--table", table, "--insert", chain, *rule], cwd=ROOT)
            stack.callback(output, ["iptables", "--wait", "--table", table, "--delete", chain, *rule], cwd=ROOT)
        output(["ip", "address", "add", f"{OUTSIDE}/30", "dev", LINK], cwd=ROOT)
        output(["ip", "link", "set", LINK, "up"], cwd=ROOT)
        output([*inside, "address", "add", f"{INSIDE}/30", "dev", "eth0"], cwd=ROOT)
        output([*inside, "link", "set", "lo", "up"], cwd=ROOT)
        output([*inside, "link", "set", "eth0", "up"], cwd=ROOT)
        output([*inside, "route", "add", "default", "via", OUTSIDE], cwd=ROOT)
        yield


def await_engine(engine: subprocess.Popen[bytes], socket: Path, log: Path) -> None:
    environment = {**os.environ, "DOCKER_HOST": f"unix://{socket}"}
    deadline = time.monotonic() + READY_SECONDS
    while not version_of(["docker", "version", "--format={{.Server.Version}}"], environment):
        if engine.poll() is not None or time.monotonic() > deadline:
            raise Missing(f"the engine did not start: {log}")
        time.sleep(0.2)


def copy_images(socket: Path) -> None:
    """Give the other engine the images that tests use, where this machine's has them and it has others or none."""
    other = {**os.environ, "DOCKER_HOST": f"unix://{socket}"}
    listed = json.loads(output([sys.executable, "-m", "localenv", "images", "ls", "--output", "json"], cwd=ROOT))
    references = [image["reference"] for image in listed["images"]]
    here, there = image_identifiers({**os.environ}), image_identifiers(other)
    wanted = [name for name in references if name in here and here[name] != there.get(name)]
    if not wanted:
        return
    say(f"copying {len(wanted)} images to the other engine")
    with subprocess.Popen(["docker", "save", "--", *wanted], stdout=subprocess.PIPE) as saving:
        subprocess.run(["docker", "load", "--quiet"], env=other, stdin=saving.stdout, stdout=subprocess.DEVNULL, check=True)


def image_identifiers(environment: dict[str, str]) -> dict[str, str]:
    """Identifier by name of an engine's images."""
    words = ["docker", "images", "--no-trunc", "--format={{.Repository}}:{{.Tag}} {{.ID}}"]
    pairs = (line.split() for line in output(words, cwd=ROOT, env=environment).splitlines())
    return {name: identifier for name, identifier in pairs if "<none>" not in name}


def need(program: str) -> None:
    if shutil.which(program) is None:
        raise Missing(f"{program} is not installed")


def output(words: Sequence[str], *, cwd: Path, env: dict[str, str] | None = None) -> str:
    return subprocess.run(words, cwd=cwd, env=env, check=True, capture_output=True, text=True).stdout


def version_of(words: Sequence[str], environment: dict[str, str]) -> str:
    done = subprocess.run(words, env=environment, check=False, capture_output=True, text=True)
    return done.stdout.strip().removeprefix("v") if done.returncode == 0 else ""


def say(text: str) -> None:
    print(f"matrix: {text}", file=sys.stderr, flush=True)
