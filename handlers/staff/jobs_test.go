package staff_test

import (
	"context"
	"errors"
	"strconv"
	"testing"
	"time"

	"yumen/db"
	"yumen/jobs"
	"yumen/registrar/actor"
	"yumen/registrar/complaints"
)

type ctxT = context.Context

var errBroken = errors.New("the registry said no")

func number(n int64) string { return strconv.FormatInt(n, 10) }

// file makes a complaint of a kind and gives its number.
func file(t *testing.T, d *db.DB, who actor.Actor, k complaints.Kind) string {
	t.Helper()
	r, err := complaints.File(ctx, d, who, complaints.Form{Kind: k, Name: "陈先生", Mail: "chen@example.com", About: "假冒.中国", URL: "https://bad.example/", Text: "这个域名冒充我们的银行收取密码。", Consent: true})
	if err != nil {
		t.Fatal(err)
	}
	return r.Number
}

// untilDead runs the queue until one of its jobs has given up.
func untilDead(t *testing.T, d *db.DB, q *jobs.Queue) {
	t.Helper()
	run, stop := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() { defer close(done); _ = q.Run(run) }()
	defer func() { stop(); <-done }()
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		dead := 0
		err := d.Read(ctx, func(tx *db.Tx) error {
			list, err := jobs.Dead(tx, 0, 1)
			dead = len(list)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if dead == 1 {
			return
		}
	}
	t.Fatal("the job did not give up")
}
