"""What protoc makes of proto/esockets.proto and proto/presence.proto."""
