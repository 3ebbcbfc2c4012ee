from __future__ import annotations

from localenv.core.argv import compose

PLUGIN = ("docker", "compose")


def test_config_names_every_file_and_no_other_env_file() -> None:
    assert compose.config(
        PLUGIN,
        directory="/p",
        project_name="shop_staging",
        files=("/p/compose.yaml", "/p/compose.staging.yaml"),
        env_files=("/p/.env", "/p/.env.staging"),
        profiles=("tools",),
    ) == (
        "docker",
        "compose",
        "--ansi=never",
        "--project-directory=/p",
        "--project-name=shop_staging",
        "--file=/p/compose.yaml",
        "--file=/p/compose.staging.yaml",
        "--env-file=/p/.env",
        "--env-file=/p/.env.staging",
        "--profile=tools",
        "config",
        "--format=json",
    )


def test_with_no_env_file_compose_finds_none_by_itself() -> None:
    assert "--env-file=/dev/null" in compose.config(PLUGIN, directory="/p", project_name="a_b", files=("/p/c.yaml",))


def test_create_neither_builds_nor_pulls_nor_recreates() -> None:
    words = compose.create(PLUGIN, directory="/p", project_name="a_b", file="/s/compose.yaml", scale={"web": 2, "api": 3})
    assert words[words.index("create") :] == (
        "create",
        "--no-build",
        "--pull=never",
        "--no-recreate",
        "--scale=api=3",
        "--scale=web=2",
    )


def test_a_service_named_like_an_option_stays_a_service() -> None:
    words = compose.build(PLUGIN, directory="/p", project_name="a_b", file="/f", services=("--push", "web"))
    assert words[-4:] == ("build", "--", "--push", "web")


def test_a_file_named_like_an_option_stays_a_file() -> None:
    assert "--file=--help" in compose.hand_over(PLUGIN, directory="/p", project_name="a_b", file="--help", arguments=("ps",))


def test_version_is_short() -> None:
    assert compose.version(PLUGIN) == ("docker", "compose", "version", "--short")
