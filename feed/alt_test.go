package feed

import (
	"testing"

	"github.com/stretchr/testify/require"

	"postern/store"
)

func TestAltText(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ alt, file, want string }{
		{"2013-06-13 18.05.34", "6a00d8341c0a-pi", ""},
		{"2013-06-13 18:05:34", "a.jpg", ""},
		{"20130613_180534", "a.jpg", ""},
		{"IMG 20130613 180534 2", "a.jpg", ""},
		{"Photo 13-06-2013, 18 05 34", "a.jpg", ""},
		{"WhatsApp Image 2020-03-01 at 12.30.45", "a.jpg", ""},
		{"3fb62d0a b357 11e4 9998 235d0b55ac92", "3fb62d0a-b357-11e4-9998-235d0b55ac92.png", ""},
		{"20171025071921 47241", "20171025071921_47241.jpg", ""},
		{"P1070343E", "P1070343E_small1.jpg", ""},

		{"P1070343E", "quay.jpg", "P1070343E"},
		{"Route66", "route66-small.jpg", "Route66"},
		{"1984: a bus", "1984-a-bus.jpg", "1984: a bus"},
		{"2013-06-13, the day of the flood", "a.jpg", "2013-06-13, the day of the flood"},
		{"13-06-2013", "a.jpg", ""},
		{"The clock at 18.05", "a.jpg", "The clock at 18.05"},
		{"Image of the year 2020", "a.jpg", "Image of the year 2020"},
		{"Cafe 2", "cafe-2.jpg", "Cafe 2"},
		{"A bad face, 1 of 4", "a-bad-face-1-of-4.jpg", "A bad face, 1 of 4"},
		{"0.5 l in 12 minutes", "0-5-l-in-12-minutes.jpg", "0.5 l in 12 minutes"},
		{"2001: 160 × 90", "b.jpg", "2001: 160 × 90"},
	} {
		got := altText(candidate{Media: store.Media{URL: "https://blog.example/" + c.file, Alt: c.alt}}, nil)
		require.Equal(t, c.want, got, c.alt)
	}
}
