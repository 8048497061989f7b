// Package metrics reports Postern's figures to Prometheus.
//
// Figures that the database knows are read when Prometheus asks and kept nowhere else. Events (steps, polls,
// conversions) are counted since the program began. docs/metrics.md lists all figures.
package metrics
