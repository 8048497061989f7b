package feed

import (
	"os"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	if what := os.Getenv("POSTERN_TEST_SITE"); what != "" {
		loadSite(what)
		return
	}
	if os.Getenv("POSTERN_TEST_BODIES") != "" {
		addBodies()
		return
	}
	goleak.VerifyTestMain(m)
}
