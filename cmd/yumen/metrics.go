package main

import (
	"context"
	"net"
	"net/http"
	"net/http/pprof" // #nosec G108 -- on the metrics address alone; DefaultServeMux is not served
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"yumen/db"
	"yumen/jobs"
)

// gauges reads the queue and the registry pool when they are asked for; it
// keeps nothing itself.
type gauges struct {
	p                               *portal
	jobs, sessions, clock, writable *prometheus.Desc
	backups, refused                *prometheus.Desc
}

func newGauges(p *portal) *gauges {
	return &gauges{p,
		prometheus.NewDesc("yumen_jobs", "Unfinished jobs by kind and state.", []string{"kind", "state"}, nil),
		prometheus.NewDesc("yumen_registry_sessions", "EPP sessions by registry and state.", []string{"registry", "state"}, nil),
		prometheus.NewDesc("yumen_clock_offset_seconds", "How far the turnable clock stands ahead of the machine's.", nil, nil),
		prometheus.NewDesc("yumen_writable", "1 while the database can be written, 0 with the trouble while it cannot.", []string{"database", "trouble"}, nil),
		prometheus.NewDesc("yumen_backup_age_seconds", "Since the newest good backup, the newest good drill, and the last moment the replica has.", []string{"kind"}, nil),
		prometheus.NewDesc("yumen_refused_requests_total", "Requests refused by a rate limit (its class) or a block, of a network or an account.", []string{"what", "by"}, nil)}
}

func (g *gauges) Describe(out chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{g.jobs, g.sessions, g.clock, g.writable, g.backups, g.refused} {
		out <- d
	}
}

func (g *gauges) Collect(out chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	var counts []jobs.Count
	if err := g.p.db.Read(ctx, func(tx *db.Tx) (err error) { counts, err = jobs.Counts(tx); return err }); err != nil {
		g.p.log.Warn("metrics: jobs not counted", "err", err)
	}
	for _, c := range counts {
		out <- prometheus.MustNewConstMetric(g.jobs, prometheus.GaugeValue, float64(c.N), c.Kind, c.State)
	}
	ages, err := g.p.backups.Ages(ctx)
	if err != nil {
		g.p.log.Warn("metrics: age of backups not known", "err", err)
	}
	for kind, age := range ages {
		out <- prometheus.MustNewConstMetric(g.backups, prometheus.GaugeValue, age.Seconds(), kind)
	}
	offset, _ := g.p.clock.Offset()
	out <- prometheus.MustNewConstMetric(g.clock, prometheus.GaugeValue, offset.Seconds())
	for name, d := range g.p.databases() {
		h, can := d.Health(), 1.0
		if h.Trouble != "" {
			can = 0
		}
		out <- prometheus.MustNewConstMetric(g.writable, prometheus.GaugeValue, can, name, string(h.Trouble))
	}
	for k, n := range g.p.site.Refusals() {
		out <- prometheus.MustNewConstMetric(g.refused, prometheus.CounterValue, float64(n), k.What, k.By)
	}
	for registry, pool := range g.p.pools {
		h := pool.Health()
		for state, n := range map[string]int{"in_use": h.InUse, "idle": h.Idle, "waiting": h.Waiting} {
			out <- prometheus.MustNewConstMetric(g.sessions, prometheus.GaugeValue, float64(n), registry, state)
		}
	}
}

type metricsServer struct {
	addr   string
	server *http.Server
}

func (m metricsServer) close(ctx context.Context) error {
	if m.server == nil {
		return nil
	}
	return m.server.Shutdown(ctx)
}

// serveMetrics opens /metrics on an address of its own, so that it is never
// reachable through the portal's.
func (p *portal) serveMetrics(wg *sync.WaitGroup, failed chan<- error) (metricsServer, error) {
	if p.cfg.MetricsListen == "" {
		return metricsServer{}, nil
	}
	ln, err := net.Listen("tcp", p.cfg.MetricsListen)
	if err != nil {
		return metricsServer{}, err
	}
	reg := prometheus.NewRegistry()
	reg.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}), newGauges(p))
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(reg, promhttp.HandlerOpts{}))
	// Where processor time and memory go, for `go tool pprof`; see docs/performance.md.
	mux.HandleFunc("GET /debug/pprof/", pprof.Index)
	mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	s := &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	wg.Go(func() {
		if err := s.Serve(ln); err != http.ErrServerClosed {
			failed <- err
		}
	})
	return metricsServer{"http://" + ln.Addr().String(), s}, nil
}
