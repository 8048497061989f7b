package instagram_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"postern/instagram"
)

func TestReadUsage(t *testing.T) {
	t.Parallel()
	const app, business = "X-App-Usage", "X-Business-Use-Case-Usage"
	for name, c := range map[string]struct {
		h    http.Header
		want instagram.Usage
	}{
		"none":        {http.Header{}, instagram.Usage{}},
		"as recorded": {http.Header{app: {`{"call_volume":0,"cpu_time":0}`}}, instagram.Usage{}},
		"as recorded, in use": {http.Header{app: {`{"call_volume":7,"cpu_time":81}`}},
			instagram.Usage{Percent: 81}},
		"as documented": {http.Header{app: {`{"call_count":28,"total_time":25,"total_cputime":26}`}},
			instagram.Usage{Percent: 28}},
		"business": {
			http.Header{
				business: {
					`{"17841":[{"type":"instagram","call_count":96,"total_cputime":1,"total_time":1,"estimated_time_to_regain_access":0}]}`}}, instagram.Usage{Percent: 96}},
		"business, refused": {
			http.Header{
				business: {
					`{"17841":[{"type":"instagram","call_count":100,"total_cputime":1,"total_time":1,"estimated_time_to_regain_access":19}]}`}}, instagram.Usage{Percent: 100, Regain: 19 * time.Minute}},
		"two ids": {
			http.Header{
				business: {
					`{"1":[{"call_count":3}],"1784":[{"type":"pages","call_count":50},{"call_count":85,"estimated_time_to_regain_access":7}]}`}}, instagram.Usage{Percent: 85, Regain: 7 * time.Minute}},
		"no list": {http.Header{business: {`{"1784":{"call_count":85}}`}},
			instagram.Usage{Percent: 85}},
		"both headers": {http.Header{app: {`{"call_volume":12}`}, business: {`{"1":[{"call_count":90}]}`}},
			instagram.Usage{Percent: 90}},
		"header twice": {http.Header{app: {`{"call_volume":12}`, `{"call_volume":82}`}},
			instagram.Usage{Percent: 82}},
		"texts": {http.Header{app: {`{"call_volume":"82","cpu_time":"7%"}`}},
			instagram.Usage{Percent: 82}},
		"fractions": {http.Header{app: {`{"call_volume":94.2,"cpu_time":null}`}},
			instagram.Usage{Percent: 95}},
		"upper case": {http.Header{app: {`{"CALL_COUNT":82}`}}, instagram.Usage{Percent: 82}},
		"negative":   {http.Header{app: {`{"call_volume":-5}`}}, instagram.Usage{}},
		"the id is no percentage": {
			http.Header{business: {`{"17841405793187218":[{"id":"17841405793187218","business_id":99}]}`}},
			instagram.Usage{}},
		"absurd": {
			http.Header{app: {`{"call_volume":1e300}`}, business: {`{"1":[{"estimated_time_to_regain_access":1e9}]}`}},
			instagram.Usage{Percent: 1000, Regain: 24 * time.Hour}},
		"cut short": {http.Header{app: {`{"call_volume":9`}}, instagram.Usage{}},
		"no JSON":   {http.Header{app: {`call_volume=90`}, business: {``}}, instagram.Usage{}},
		"one broken, the other not": {http.Header{app: {`[`}, business: {`{"1":[{"call_count":90}]}`}},
			instagram.Usage{Percent: 90}},
		"null": {http.Header{app: {`null`}, business: {`{"1":null}`}}, instagram.Usage{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, c.want, instagram.ReadUsage(c.h))
		})
	}
}

func FuzzReadUsage(f *testing.F) {
	f.Add(`{"call_volume":7,"cpu_time":81}`, `{"1":[{"call_count":90,"estimated_time_to_regain_access":7}]}`)
	f.Fuzz(func(t *testing.T, app, business string) {
		u := instagram.ReadUsage(http.Header{"X-App-Usage": {app}, "X-Business-Use-Case-Usage": {business}})
		require.True(t, u.Percent >= 0 && u.Percent <= 1000 && u.Regain >= 0 && u.Regain <= 24*time.Hour)
	})
}
