package accounts

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"runtime"
	"strings"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"

	"yumen/registrar/problem"
)

// Bounds of a password. The upper one keeps a request from feeding megabytes
// to the hash; it is far above what people type.
const (
	MinPassword = 8   // characters
	MaxPassword = 128 // characters
)

// cost is what one password costs to try: 19 MiB, two passes, one lane, the
// figures OWASP gives for argon2id. They stand in each hash, so that they may
// rise without locking anyone out.
type cost struct {
	memory uint32 // KiB
	passes uint32
	lanes  uint8
}

var today = cost{memory: 19 * 1024, passes: 2, lanes: 1}

const (
	saltBytes = 16
	keyBytes  = 32
)

// kitchen bounds how many hashes are computed at once. Without it a burst of
// sign-ins would ask for 19 MiB each.
var kitchen = make(chan struct{}, runtime.NumCPU())

func cook(ctx context.Context, password string, salt []byte, c cost, size uint32) ([]byte, error) {
	select {
	case kitchen <- struct{}{}:
		defer func() { <-kitchen }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	// NFKC, so that the same password typed on two keyboards is the same.
	return argon2.IDKey([]byte(norm.NFKC.String(password)), salt, c.passes, c.memory, c.lanes, size), nil
}

// hashPassword makes the PHC string that is stored:
// $argon2id$v=19$m=19456,t=2,p=1$salt$key.
func hashPassword(ctx context.Context, password string) (string, error) {
	salt := make([]byte, saltBytes)
	_, _ = rand.Read(salt) // never fails since Go 1.24
	key, err := cook(ctx, password, salt, today, keyBytes)
	if err != nil {
		return "", err
	}
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version,
		today.memory, today.passes, today.lanes, b64.EncodeToString(salt), b64.EncodeToString(key)), nil
}

// nobody is compared against when an address has no account, so that the
// answer takes as long as for one that has. No password fits: the key part
// encodes 32 zero bytes.
var nobody = fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, today.memory, today.passes, today.lanes,
	base64.RawStdEncoding.EncodeToString(make([]byte, saltBytes)), base64.RawStdEncoding.EncodeToString(make([]byte, keyBytes)))

// passwordFits reports whether the password is the hashed one, and whether the
// hash was made at a lower cost than today's and should be made again.
func passwordFits(ctx context.Context, phc, password string) (fits, stale bool, err error) {
	if utf8.RuneCountInString(password) > MaxPassword {
		password = "" // an empty one never fits
	}
	c, salt, key, err := readPHC(phc)
	if err != nil {
		return false, false, err
	}
	got, err := cook(ctx, password, salt, c, uint32(len(key))) // #nosec G115 -- a column of some dozen octets
	if err != nil {
		return false, false, err
	}
	fits = password != "" && phc != nobody && subtle.ConstantTimeCompare(got, key) == 1
	return fits, c != today, nil
}

func readPHC(phc string) (c cost, salt, key []byte, err error) {
	parts := strings.Split(phc, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" {
		return c, nil, nil, fmt.Errorf("accounts: stored password is not argon2id")
	}
	var version int
	if _, err := fmt.Sscanf(parts[2], "v=%d", &version); err != nil || version != argon2.Version {
		return c, nil, nil, fmt.Errorf("accounts: stored password has argon2 version %q", parts[2])
	}
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &c.memory, &c.passes, &c.lanes); err != nil {
		return c, nil, nil, fmt.Errorf("accounts: stored password cost %q: %w", parts[3], err)
	}
	if salt, err = base64.RawStdEncoding.DecodeString(parts[4]); err != nil {
		return c, nil, nil, fmt.Errorf("accounts: stored password salt: %w", err)
	}
	if key, err = base64.RawStdEncoding.DecodeString(parts[5]); err != nil || len(key) < 16 {
		return c, nil, nil, fmt.Errorf("accounts: stored password key is broken")
	}
	return c, salt, key, nil
}

// checkPassword notes in the form what is wrong with a new password. Length
// counts, not kinds of characters (NIST SP 800-63B section 5.1.1.2).
func checkPassword(f *problem.Form, field, password, mail string) {
	n := utf8.RuneCountInString(norm.NFKC.String(password))
	local, _, _ := strings.Cut(strings.ToLower(mail), "@")
	low := strings.ToLower(password)
	switch {
	case !utf8.ValidString(password):
		f.Add(field, "accounts.password_letters")
	case n < MinPassword:
		f.Add(field, "accounts.password_short", "Min", MinPassword, "Have", n)
	case n > MaxPassword:
		f.Add(field, "accounts.password_long", "Max", MaxPassword, "Have", n)
	case low == strings.ToLower(mail), len(local) >= 4 && low == local, common(low):
		f.Add(field, "accounts.password_common")
	}
}

// common reports whether a password is among the first an attacker tries: one
// of the list, a run of keys or figures, or a short piece repeated.
func common(low string) bool {
	stem := strings.TrimRight(low, "0123456789!@#.*_-")
	for _, word := range commonStems {
		if stem == word {
			return true
		}
	}
	if stem == "" && len(low) < 12 { // figures alone: dates, telephone numbers
		return true
	}
	for _, run := range keyRuns {
		if strings.Contains(run, low) || strings.Contains(run, reversed(low)) {
			return true
		}
	}
	for size := 1; size <= 4 && size*2 <= len(low); size++ {
		if strings.Repeat(low[:size], len(low)/size+1)[:len(low)] == low {
			return true
		}
	}
	return false
}

func reversed(s string) string {
	r := []rune(s)
	for i, j := 0, len(r)-1; i < j; i, j = i+1, j-1 {
		r[i], r[j] = r[j], r[i]
	}
	return string(r)
}

var keyRuns = []string{
	"01234567890123456789", "abcdefghijklmnopqrstuvwxyz", "qwertyuiop[]\\", "asdfghjkl;'", "zxcvbnm,./",
	"1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik,9ol.0p;/", "1q2w3e4r5t6y7u8i9o0p", "qazwsxedcrfvtgbyhnujmikolp", "q1w2e3r4t5y6u7i8o9p0",
}

// commonStems are the words of the most used passwords once figures and signs
// at the end are taken off, with those usual in China.
var commonStems = strings.Fields(`password passwd passw0rd p@ssw0rd p@ssword pass admin administrator root welcome letmein login master
	qwerty qwertyuiop qwert asdf asdfgh asdfghjkl zxcvbn zxcvbnm abc abcd abcde abcdef a aa aaa aaaa abcabc qaz qazwsx wsx
	iloveyou woaini woaini1314 woaiwojia woaini520 wohenaini nihao nihaoma hello helloworld dragon monkey sunshine princess football baseball
	superman batman shadow michael jordan charlie secret trustno starwars computer internet server test testing tester guest user
	changeme default temp temporary service support office china zhongguo beijing shanghai shenzhen guangzhou hangzhou chengdu
	zhang wang liu chen yang zhao huang zhou zhanghao mima mimashi anquan yumen yuming domain registrar registrant example
	freedom whatever lovely flower angel jesus ninja mustang access hunter buster soccer hockey killer george andrew thomas
	jessica pepper ashley daniel summer winter spring autumn january february monday friday q qq qqq w x z p li xiao zxc asd qwe qweasd
	qweasdzxc asdasd zxczxc qweqwe asdqwe aini woshishui woshi dajiahao taobao alipay tencent weixin wechat alibaba baidu huawei xiaomi
	samsung google microsoft windows apple iphone linux ubuntu debian oracle cisco hacker love lovelove loveme forever family money`)
