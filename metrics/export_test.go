package metrics

import "github.com/prometheus/client_golang/prometheus"

// Names are all metrics of ours that can be told.
func Names(m *Metrics) []string {
	var out []string
	for _, c := range m.ours {
		descs := make(chan *prometheus.Desc, 100)
		c.Describe(descs)
		close(descs)
		for d := range descs {
			out = append(out, d.String())
		}
	}
	return out
}
