"""From a source tree to one wheel: unpacking, the build's table, the hooks, and the box that they run in."""
