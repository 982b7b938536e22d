group "default" {
  targets = ["api", "worker"]
}

target "api" {
  target = "api"
  tags   = ["monorepo-api"]
}

target "worker" {
  target = "worker"
  tags   = ["monorepo-worker"]
}
