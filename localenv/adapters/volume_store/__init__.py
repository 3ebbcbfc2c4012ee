"""``ports.volumes.VolumeStore`` in one volume of the engine: frozen layers, and what environments write on top of them."""

from localenv.adapters.volume_store.store import LayerStore

__all__ = ["LayerStore"]
