package address

import (
	"testing"

	"github.com/stretchr/testify/require"

	"postern/store"
)

// Only sandbox accounts have the address inside the program, whatever is configured, and nothing is asked about it.
func TestSandboxAccountsHaveAnAddressOfTheirOwn(t *testing.T) {
	h := setup(t)
	refused := &Bucket{Endpoint: "http://127.0.0.1:1", Region: "us-east-1", Name: "b",
		PublicURL: "https://pictures.example.org", AccessKey: "k", SecretKey: "s"}
	for _, p := range []*Public{nil, h.public("", nil), h.public("https://127.0.0.1:1", nil),
		h.public("", nil, refused)} {
		for _, api := range []store.API{store.Instagram, "", "another"} {
			require.Same(t, p, p.For(api))
			require.NotContains(t, p.For(api).Folder(), "sandbox")
		}
		s := p.For(store.Sandbox)
		require.False(t, s.None())
		require.Equal(t, Inside, s.Folder())
		require.Equal(t, Inside+"/x.jpg", s.URL("x.jpg"))
		r, err := s.Ready(t.Context())
		require.NoError(t, err)
		require.Zero(t, r)
		require.NoError(t, s.Offer(t.Context(), "x.jpg"))
		s.Doubt(t.Context())
	}
}
