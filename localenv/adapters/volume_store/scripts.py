"""What is done to layers, as constant scripts for the keeper: every name comes as an argument. They run in its root."""

from __future__ import annotations

from typing import Final

__all__ = [
    "COPY",
    "DISCARD",
    "FILL",
    "FREEZE",
    "LISTING",
    "LOOK",
    "OWN_SIZES",
    "REMOVE",
    "SEAL",
    "SET_ASIDE",
    "SIZES",
    "SPARE_SLOT",
    "numbers",
]

COPY: Final = """
while [ $# -gt 0 ]; do
  cp -a --reflink=auto -T -- "$1" "partial/$2"
  shift 2
done
"""
"""Pairs of a folder and a new layer's name."""

FILL: Final = """
how=$1 layer=$2 folder=$3 name=$4
rm -rf -- "volumes/$folder/data"
if ! cp -a "--reflink=$how" -T -- "layers/$layer" "volumes/$folder/data"; then
  rm -rf -- "volumes/$folder/data" "notes/$name.json"
  exit 1
fi
mv -- "notes/$name.json" "records/$name.json"
"""
"""How blocks are shared, a whole layer, the folder of the volume that gets its content, and the name of its record."""

SPARE_SLOT: Final = """
for slot; do
  if [ -d "layers/$slot" ] && [ -z "$(ls -A "layers/$slot")" ]; then echo "$slot"; fi
done
"""
"""Of these layers, those that are empty: one that is not was used by a command that was killed."""

FREEZE: Final = """
while [ $# -gt 0 ]; do
  folder=$1 slot=$2
  mkdir -p "volumes/$folder/fresh" "volumes/$folder/fresh-work"
  if [ -d "volumes/$folder/upper" ]; then
    chown --reference="volumes/$folder/upper" "volumes/$folder/fresh"
    chmod --reference="volumes/$folder/upper" "volumes/$folder/fresh"
    mv -T -- "volumes/$folder/upper" "layers/$slot"
  fi
  mv -T -- "volumes/$folder/fresh" "volumes/$folder/upper"
  rm -rf -- "volumes/$folder/work"
  mv -T -- "volumes/$folder/fresh-work" "volumes/$folder/work"
  mv -- "notes/$3.json" "records/$3.json"
  shift 3
done
"""
"""Triples of a volume's folder, the slot that takes what was written, and the name of its record.

What takes space comes first: on a full disk the volume is as it was.
"""

LOOK: Final = """
for layer; do
  printf '%s %s %s\\n' "$layer" "$(stat -c '%u %g %a' -- "$layer")" "$(du -sb -- "$layer" | cut -f1)"
done
"""
"""Of each folder: owner, group, mode and bytes."""

SEAL: Final = """
snapshot=$1; shift
for layer; do
  if [ -e "partial/$layer" ]; then mv -T -- "partial/$layer" "layers/$layer"; fi
done
sync -f layers
mv -- "notes/$snapshot.json" "snapshots/$snapshot.json"
"""
"""A snapshot and its new layers: once the manifest has its name, all of it is there for good."""

DISCARD: Final = """
for name; do rm -rf -- "partial/$name" "notes/$name.json"; done
"""

REMOVE: Final = """
for folder; do
  if [ -f "volumes/$folder/slots" ]; then
    while read -r slot; do rmdir -- "layers/$slot" 2>/dev/null || :; done < "volumes/$folder/slots"
  fi
  rm -rf -- "volumes/$folder"
done
"""
"""What was written to volumes, and their slots that were never used."""

SET_ASIDE: Final = """
while [ $# -gt 0 ]; do
  if [ -e "$1" ]; then mv -T -- "$1" "partial/$2"; fi
  shift 2
done
"""
"""Pairs of what goes and a name under which it waits for its removal."""

LISTING: Final = """
for folder in layers notes partial volumes; do
  ls -A "$folder" | while read -r name; do printf '%s %s\\n' "$folder" "$name"; done
done
"""

SIZES: Final = """
for each; do printf '%s %s\\n' "$each" "$(du -sb -- "$each" 2>/dev/null | cut -f1)"; done
"""

OWN_SIZES: Final = """
for folder; do
  if [ -d "volumes/$folder/upper" ]; then part=upper; else part=data; fi
  printf '%s %s\\n' "$folder" "$(du -sb -- "volumes/$folder/$part" 2>/dev/null | cut -f1)"
done
"""


def numbers(told: str) -> dict[str, int]:
    """Bytes by name, as the scripts about sizes print them; what went away meanwhile is left out."""
    rows = (line.rpartition(" ") for line in told.splitlines())
    return {name: int(number) for name, _, number in rows if number.isdigit()}
