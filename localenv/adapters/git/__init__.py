"""Git by its command line: reading a project's repository, and writing commits into folders. Nothing else runs git."""

from localenv.adapters.git.repositories import GitRepositories

__all__ = ["GitRepositories"]
