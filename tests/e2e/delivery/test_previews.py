"""Previews of branches: those that are there are those that are wanted, and a branch has the power that its project gives."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.scenario import Installation, Result, docker
from tests.support.repositories import repo

pytestmark = [pytest.mark.engine, pytest.mark.e2e]

COMPOSE = """\
services:
  web:
    build: .
    ports: ["80"]
    volumes: ["uploads:/uploads", "./site:/usr/share/nginx/html:ro"]
volumes:
  uploads:
"""
DOCKERFILE = "FROM nginx:1.27\nCOPY Dockerfile /\n"
PLAIN = """\
services:
  web:
    image: nginx:1.27
    ports: ["80"]
    volumes: ["./site:/usr/share/nginx/html:ro"]
"""
HOSTILE = (
    "feature/ADD_x",
    "feature/add-x",
    "feature-add-x",
    "Feature/Add.X",
    "staging",
    "production",
    "development",
    "-rf",
    "--all",
    "`id`",
    "$(touch${IFS}pwned)",
    "a;b",
    "a&b",
    "a|b",
    "'quoted'",
    '"double"',
    "émile/été",
    "日本",
    "x" * 120,
    "x" * 120 + "y",
)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """An empty directory of a name that no other test's project has: those of one name cannot run at once."""
    directory = tmp_path / "branching"
    directory.mkdir()
    return directory


def previews(own: Installation, project: Path) -> dict[str, dict[str, Any]]:
    found = own.must("preview", "ls", "--output", "json", cwd=project).json
    return {each["branch"]: each for each in found["previews"]}


def actions(result: Result) -> list[str]:
    return sorted({each["action"] for each in result.json["previews"]})


def worktrees(own: Installation) -> list[str]:
    return sorted(path.name for path in (own.home / "worktrees").glob("*/*"))


def routes(own: Installation) -> list[str]:
    return sorted(path.name for path in (own.home / "router").rglob("*.yaml") if "_" in path.name)


def images(project: str) -> set[str]:
    return set(docker("image", "ls", "--format", "{{.Repository}}:{{.Tag}}", f"localenv/{project}/*"))


def test_twenty_branches_of_hostile_names_are_twenty_environments_and_then_five(own: Installation, project: Path) -> None:
    ignored = {".dockerignore": "site\n"}
    code = repo(project, {"compose.yaml": COMPOSE, "Dockerfile": DOCKERFILE, "site/index.html": "main\n", **ignored})
    for index, name in enumerate(HOSTILE):
        own_image = {"Dockerfile": f"{DOCKERFILE}# {index}\n"} if index in {2, 17} else {}
        code.branch(name, {"site/index.html": f"{name}\n", **own_image})

    first = own.must("preview", "sync", "--output", "json", cwd=project)
    assert actions(first) == ["create"]
    there = previews(own, project)
    assert sorted(there) == sorted(HOSTILE)
    names = {each["name"] for each in there.values()}
    assert len(names) == 20
    assert not names & {"staging", "production", "development", "uat", "preview"}
    for branch, each in there.items():
        assert own.get(each["url"].removeprefix("https://").partition(":")[0]).body == f"{branch}\n"

    second = own.must("preview", "sync", "--output", "json", cwd=project)
    assert actions(second) == ["keep"]
    assert {branch: each["name"] for branch, each in previews(own, project).items()} == {
        branch: each["name"] for branch, each in there.items()
    }
    assert len(worktrees(own)) == len(routes(own)) == 20
    assert len(images("branching")) == 3

    for index, name in enumerate(HOSTILE[:15]):
        code.git("checkout", "--quiet", "--detach", f"refs/heads/{name}")
        code.git("checkout", "--quiet", "-B", "merging", "main")
        code.git("merge", "--quiet", "--strategy=ours", "--no-ff", "-m", f"Merge {index}", f"refs/heads/{name}")
        code.git("checkout", "--quiet", "main")
        code.git("merge", "--quiet", "--ff-only", "merging")
    code.git("branch", "--quiet", "-D", "merging")
    third = own.must("preview", "sync", "--output", "json", cwd=project)
    assert actions(third) == ["keep", "remove"]
    left = previews(own, project)
    assert sorted(left) == sorted(HOSTILE[15:])
    expected = sorted(each["name"] for each in left.values())
    assert worktrees(own) == expected
    assert sorted(own.left_behind()["volumes"]) == sorted(f"branching_{name}_uploads" for name in expected)
    assert len(own.left_behind()["containers"]) == len(routes(own)) == 5
    assert len(images("branching")) == 2
    assert not (project / "pwned").exists()

    own.must("preview", "rm", *expected, cwd=project)
    assert (worktrees(own), routes(own), images("branching")) == ([], [], set())
    assert own.left_behind() == {"containers": [], "networks": [], "volumes": []}


def test_previews_follow_their_branches(own: Installation, project: Path) -> None:
    code = repo(project, {"compose.yaml": PLAIN, "site/index.html": "main\n"})
    for name in ("moved", "renamed", "gone", "forced"):
        code.branch(name, {"site/index.html": f"{name}\n"})
    own.must("preview", "sync", "moved", "renamed", "gone", "refs/heads/forced", cwd=project)
    before = previews(own, project)

    code.git("checkout", "--quiet", "moved")
    code.commit({"site/index.html": "moved on\n"})
    code.git("checkout", "--quiet", "main")
    code.git("branch", "-m", "renamed", "called-anew")
    code.git("branch", "-D", "gone")
    code.branch("forced", {"site/index.html": "forced\n", "site/more": "x"})
    planned = own.must("preview", "sync", "--dry-run", "--output", "json", cwd=project).json["previews"]
    assert {each["commit"] for each in previews(own, project).values()} == {each["commit"] for each in before.values()}
    done = own.must("preview", "sync", "--output", "json", cwd=project).json["previews"]
    wanted = {"moved": "update", "renamed": "remove", "called-anew": "create", "gone": "remove", "forced": "update"}
    assert {each["branch"]: each["action"] for each in planned} == wanted
    assert {each["branch"]: each["action"] for each in done} == wanted
    after = previews(own, project)
    assert after["moved"]["name"] == before["moved"]["name"]
    assert own.get("moved.branching.localhost").body == "moved on\n"
    assert own.get("called-anew.branching.localhost").body == "renamed\n"
    assert own.get("forced.branching.localhost", "/more").body == "x"
    assert all(len(list((own.home / "worktrees/branching" / each["name"]).iterdir())) == 1 for each in after.values())

    hooks = []
    code.git("checkout", "--quiet", "moved")
    for count in range(3):
        code.commit({"site/index.html": f"{count}\n"})
        hooks.append(own.start("preview", "sync", cwd=project))
    assert [hook.wait(timeout=120) for hook in hooks] == [0, 0, 0]
    assert own.get("moved.branching.localhost").body == "2\n"
    assert len(list((own.home / "worktrees/branching/moved").iterdir())) == 1
    code.git("checkout", "--quiet", "main")
    own.must("preview", "rm", *(each["name"] for each in after.values()), cwd=project)


def test_previews_end_when_their_time_is_up(own: Installation, project: Path) -> None:
    code = repo(project, {"compose.yaml": PLAIN, "site/index.html": "main\n"})
    for name in ("moved", "forced", "called-anew"):
        code.branch(name, {"site/index.html": f"{name}\n"})
    own.must("preview", "sync", cwd=project)
    before = previews(own, project)

    set_expiry(own, "moved", "2001-01-01T00:00:00Z")
    assert previews(own, project)["moved"]["expired"]
    assert "its time is up" in own.must("ls", cwd=project).stdout
    assert actions(own.must("preview", "sync", "--output", "json", cwd=project)) == ["keep", "remove"]
    assert actions(own.must("preview", "sync", "--output", "json", cwd=project)) == ["keep", "skip"]
    code.git("checkout", "--quiet", "moved")
    code.commit({"site/index.html": "once more\n"})
    code.git("checkout", "--quiet", "main")
    assert actions(own.must("preview", "sync", "--output", "json", cwd=project)) == ["create", "keep"]
    own.must("preview", "extend", "moved", "--ttl", "30d", cwd=project)
    assert previews(own, project)["moved"]["expires"] > before["moved"]["expires"]

    set_expiry(own, "forced", "2001-01-01T00:00:00Z")
    assert [each["name"] for each in own.must("gc", "--output", "json", cwd=project).json["environments"]] == ["forced"]
    code.git("branch", "-D", "moved")
    assert actions(own.must("preview", "prune", "--output", "json", cwd=project)) == ["remove"]
    assert list(previews(own, project)) == ["called-anew"]
    refused = own.run("preview", "sync", "-", cwd=project)
    assert refused.exit_code == 1
    assert list(previews(own, project)) == ["called-anew"]
    own.must("destroy", "called-anew", cwd=project)
    assert (worktrees(own), own.left_behind()["containers"]) == ([], [])


def test_a_branch_gives_itself_no_power_and_stops_no_other(own: Installation, project: Path) -> None:
    secret = project.parent / "secret.txt"
    secret.write_text("of this machine")
    code = repo(
        project,
        {
            "compose.yaml": PLAIN,
            "site/index.html": "main\n",
            ".gitignore": ".env\n.env.preview\n",
            "localenv.yaml": "grants: []\n",
        },
    )
    (project / ".env").write_text("API_KEY=of-the-developer\n")
    (project / ".env.preview").write_text("MESSAGE=lent\n")
    code.branch(
        "good", {"compose.yaml": PLAIN + "    environment: ['MESSAGE=$MESSAGE', 'KEY=$API_KEY', 'TOKEN', 'T=${TOKEN:-none}']\n"}
    )
    grants = "grants:\n  - {service: web, key: privileged, why: mine}\n  - {service: web, key: volumes, value: %s, why: mine}\n"
    code.branch("grants-itself", {"compose.yaml": PLAIN + "    privileged: true\n", "localenv.yaml": grants % secret})
    code.branch("mounts", {"compose.yaml": PLAIN.replace("./site:", f"{secret}:"), "localenv.yaml": grants % secret})
    links = code.branch("links", {})
    for name, target in (("links", str(secret)), ("links-folder", str(secret.parent))):
        code.git("checkout", "--quiet", "--detach", links)
        if name == "links":
            (project / "out.env").symlink_to(target)
            (project / "compose.yaml").write_text(PLAIN + "    env_file: out.env\n")
        else:
            (project / "out").symlink_to(target)
            (project / "compose.yaml").write_text(PLAIN.replace("./site:", "./out:"))
        code.git("update-ref", f"refs/heads/{name}", code.commit())
        code.git("checkout", "--quiet", "main")

    done = own.run("preview", "sync", "--output", "json", cwd=project, TOKEN="of-the-shell")
    assert done.exit_code == 1
    errors = {each["branch"]: (each["error"] or {}).get("code") for each in done.json["previews"]}
    assert errors == {**dict.fromkeys(("grants-itself", "mounts", "links", "links-folder"), "refused"), "good": None}
    assert list(previews(own, project)) == ["good"]
    assert worktrees(own) == ["good"]

    variables = docker("inspect", "-f", "{{json .Config.Env}}", "branching_good-web-1")
    values = dict(each.split("=", 1) for each in json.loads(variables[0]))
    assert (values["MESSAGE"], values["KEY"], values["T"]) == ("lent", "", "none")
    assert "TOKEN" not in values
    tree = next((own.home / "worktrees/branching/good").iterdir())
    assert not (tree / ".git").exists()
    refused = own.run("up", "good", cwd=project)
    assert refused.exit_code == 1
    assert "preview of good" in refused.said
    own.must("preview", "rm", "good", cwd=project)


def test_development_runs_a_merge_and_goes_back(own: Installation, project: Path) -> None:
    code = repo(project, {"compose.yaml": PLAIN, "site/index.html": "main\n", "site/a": "-", "site/b": "-"})
    code.branch("a", {"site/a": "a\n"})
    code.branch("b", {"site/b": "b\n"})
    code.branch("other-a", {"site/a": "other\n"})

    refused = own.run("up", "development", "--merge", "a", "--merge", "other-a", "--output", "json", cwd=project)
    assert refused.exit_code == 1
    assert refused.json["code"] == "merge-conflict"
    assert refused.json["details"] == ["site/a: changed by a and other-a"]
    assert (worktrees(own), own.left_behind()["containers"], own.must("ls", "-o", "json", cwd=project).json["environments"]) == (
        [],
        [],
        [],
    )

    assert "merged into main" in own.must("up", "--merge", "a", "--merge", "b", "--dry-run", cwd=project).stdout
    assert worktrees(own) == []
    own.must("up", "development", "--merge", "a", "--merge", "b", cwd=project)
    host = "development.branching.localhost"
    assert (own.get(host, "/a").body, own.get(host, "/b").body) == ("a\n", "b\n")
    assert "a, b merged into main" in own.must("status", cwd=project).stdout
    assert (
        own.must("up", "--merge", "a", "--merge", "b", "--output", "json", cwd=project).json["environments"][0]["changed"]
        is False
    )
    own.must("up", "development", cwd=project)
    assert (own.get(host, "/a").body, worktrees(own)) == ("-", [])
    assert "merged into main" not in own.must("status", cwd=project).stdout
    own.must("destroy", "development", cwd=project)


def set_expiry(own: Installation, name: str, moment: str) -> None:
    with sqlite3.connect(own.home / "ledger.sqlite") as ledger:
        ledger.execute("update environments set expires = ? where name = ?", (moment, name))
    ledger.close()
