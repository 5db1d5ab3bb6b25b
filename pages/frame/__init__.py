"""What stands around every page: navigation, header, shell, sharing, projector, lessons, presets."""
