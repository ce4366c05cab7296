//go:build tools

// Package tools pins the etcd that the cluster suite builds and runs.
package tools

import _ "go.etcd.io/etcd/server/v3"
