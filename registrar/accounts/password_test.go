package accounts

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"yumen/registrar/problem"
)

func TestAPasswordFitsItsHashAndNoOther(t *testing.T) {
	ctx := context.Background()
	phc, err := hashPassword(ctx, "过河 bridge 17")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(phc, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Errorf("not a PHC string at today's cost: %s", phc)
	}
	for _, row := range []struct {
		typed string
		fits  bool
	}{
		{"过河 bridge 17", true},
		{"过河 ｂridge 17", true}, // the same letter from a full-width keyboard
		{"过河 Bridge 17", false},
		{"", false},
		{strings.Repeat("x", 10_000), false},
	} {
		fits, stale, err := passwordFits(ctx, phc, row.typed)
		if err != nil || fits != row.fits || stale {
			t.Errorf("%.20q: fits %v, stale %v, %v", row.typed, fits, stale, err)
		}
	}
	other, err := hashPassword(ctx, "过河 bridge 17")
	if err != nil || other == phc {
		t.Errorf("the same password twice gave the same hash: %v", err)
	}
}

func TestAHashOfLowerCostFitsAndIsToBeRenewed(t *testing.T) {
	// Made with m=8,t=1,p=1 over "yumen-demo" and the salt "0123456789abcdef".
	salt := "MDEyMzQ1Njc4OWFiY2RlZg"
	key, err := cook(context.Background(), "yumen-demo", []byte("0123456789abcdef"), cost{8, 1, 1}, 32)
	if err != nil {
		t.Fatal(err)
	}
	phc := "$argon2id$v=19$m=8,t=1,p=1$" + salt + "$" + b64(key)
	fits, stale, err := passwordFits(context.Background(), phc, "yumen-demo")
	if err != nil || !fits || !stale {
		t.Errorf("fits %v, stale %v, %v", fits, stale, err)
	}
}

func TestNoPasswordFitsAnAddressWithoutAccount(t *testing.T) {
	for _, typed := range []string{"", "0", strings.Repeat("\x00", 32), "password"} {
		if fits, _, err := passwordFits(context.Background(), nobody, typed); err != nil || fits {
			t.Errorf("%q fits nobody: %v", typed, err)
		}
	}
}

func TestABrokenHashIsAnErrorAndNoPanic(t *testing.T) {
	for _, phc := range []string{"", "x", "$argon2i$v=19$m=8,t=1,p=1$AAAA$AAAA", "$argon2id$v=18$m=8,t=1,p=1$AAAA$AAAA", "$argon2id$v=19$m=8$AAAA$AAAA",
		"$argon2id$v=19$m=8,t=1,p=1$!$AAAA", "$argon2id$v=19$m=8,t=1,p=1$AAAA$AAAA"} {
		if fits, _, err := passwordFits(context.Background(), phc, "anything"); err == nil || fits {
			t.Errorf("%q was accepted", phc)
		}
	}
}

func TestWhoGoesAwayDoesNotWaitForTheHash(t *testing.T) {
	for range cap(kitchen) {
		kitchen <- struct{}{}
	}
	defer func() {
		for range cap(kitchen) {
			<-kitchen
		}
	}()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Millisecond)
	defer cancel()
	if _, err := hashPassword(ctx, "anything at all"); err == nil {
		t.Error("hashed although every place was taken")
	}
}

func TestManyMaySignInAtOnce(t *testing.T) {
	phc, err := hashPassword(context.Background(), "yumen-demo")
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for range 12 {
		wg.Go(func() {
			if fits, _, err := passwordFits(context.Background(), phc, "yumen-demo"); err != nil || !fits {
				t.Errorf("fits %v, %v", fits, err)
			}
		})
	}
	wg.Wait()
}

func TestANewPassword(t *testing.T) {
	for _, row := range []struct {
		why, password, want string
	}{
		{"the cast's", "yumen-demo", ""},
		{"a sentence in Chinese", "今天天气真不错呀", ""},
		{"spaces are letters too", "green table upstairs", ""},
		{"seven characters", "gT7#kkq", "accounts.password_short"},
		{"eight characters", "gT7#kkqz", ""},
		{"a hundred and twenty-eight", strings.Repeat("green table ", 11)[:128], ""},
		{"one more", strings.Repeat("green table ", 11)[:129], "accounts.password_long"},
		{"the most used of all", "password", "accounts.password_common"},
		{"with figures behind", "Password123!", "accounts.password_common"},
		{"love in pinyin", "woaini1314", "accounts.password_common"},
		{"a birthday", "19900101", "accounts.password_common"},
		{"a mobile number", "13800138000", "accounts.password_common"},
		{"twelve figures and more are a choice", "830174629518", ""},
		{"keys in a row", "qwertyuiop", "accounts.password_common"},
		{"keys in a row backwards", "poiuytrewq", "accounts.password_common"},
		{"columns of keys", "1qaz2wsx", "accounts.password_common"},
		{"a piece repeated", "abcdabcdabcd", "accounts.password_common"},
		{"the product", "Yumen2026", "accounts.password_common"},
		{"the trade", "registrar123", "accounts.password_common"},
		{"sixty-four letters of one kind", "greentableupstairsinthehousebehindtheriverwherenobodyhaslivedyet", ""},
		{"the address", "Lin.Xia@example.cn", "accounts.password_common"},
		{"its first part", "lin.xia@", ""},
		{"broken text", "gT7#kkq\xff\xfe", "accounts.password_letters"},
	} {
		var f problem.Form
		checkPassword(&f, "password", row.password, "lin.xia@example.cn")
		got := ""
		if p, ok := problem.As(f.Err()); ok {
			got = p.Fields[0].ID
		}
		if got != row.want {
			t.Errorf("%s: got %q, want %q", row.why, got, row.want)
		}
	}
}
