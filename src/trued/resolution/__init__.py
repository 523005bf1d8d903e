"""Which releases: listings and metadata in, one version a project out, or the reason why none fits."""
