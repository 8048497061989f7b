//go:build !linux

package feed

func loadSite(string) {}
