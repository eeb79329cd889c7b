// Package pressure proves what holds when everybody comes at once and when
// somebody is away: F4, F8, F9 and F10 of docs/reliability.md. Its tests run a
// portal and a sandbox as processes of their own (package rig), and the
// independent reader (cmd/reconcile) has the last word on each.
//
//	rush_test.go     F4: a hundred buyers of one name
//	burst_test.go    F9: thousands of orders in one go
//	outage_test.go   F8: a registry, the cashier or the mail server away
//	clock_test.go    F10: jumps, skew, midnight, 29 February
//	upload_test.go   uploads that never end
//	bare_test.go     the rows of orders by plain database/sql, for comparison
//
// Sizes: small by default, YUMEN_TEST_SIZE=ci for each change, N=... by hand;
// SEED=... plays a run again. docs/reliability.md keeps the figures.
package pressure
