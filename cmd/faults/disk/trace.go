package disk

import (
	"bufio"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
)

// Call is one system call as strace saw it. Begin and End are places in the
// order of everything that was seen: strace writes a line whole when nothing
// happened between a call's entry and its return, and in two parts otherwise.
type Call struct {
	Thread     int
	Name       string
	On         string // the file or socket
	Data       string // as strace escapes it
	Result     int64
	Begin, End int
	EndedAt    float64 // seconds since 1970
}

var (
	wholeCall = regexp.MustCompile(`^(\d+) +(\d+\.\d+) (\w+)\((\d+)<([^>]*(?:->[^>]*)?)>(?:, (.*))?\) += (-?\d+)`)
	begun     = regexp.MustCompile(`^(\d+) +(\d+\.\d+) (\w+)\((\d+)<([^>]*(?:->[^>]*)?)>(?:, (.*))? <unfinished \.\.\.>$`)
	resumed   = regexp.MustCompile(`^(\d+) +(\d+\.\d+) <\.\.\. (\w+) resumed>.*\) += (-?\d+)`)
)

// ReadTrace reads what strace -f -yy -ttt -T wrote. Calls that never returned are
// left out.
func ReadTrace(r io.Reader) ([]Call, error) {
	var out []Call
	open := map[int]Call{} // by thread: one call at a time
	sc := bufio.NewScanner(r)
	sc.Buffer(make([]byte, 0, 1<<20), 16<<20)
	for at := 0; sc.Scan(); at++ {
		line := sc.Text()
		if m := wholeCall.FindStringSubmatch(line); m != nil {
			out = append(out, Call{Thread: number(m[1]), Name: m[3], On: m[5], Data: m[6], Result: int64(number(m[7])), Begin: at, End: at, EndedAt: seconds(m[2]) + took(line)})
		} else if m := begun.FindStringSubmatch(line); m != nil {
			open[number(m[1])] = Call{Thread: number(m[1]), Name: m[3], On: m[5], Data: m[6], Begin: at}
		} else if m := resumed.FindStringSubmatch(line); m != nil {
			c, ok := open[number(m[1])]
			if ok && c.Name == m[3] {
				c.End, c.Result, c.EndedAt = at, int64(number(m[4])), seconds(m[2])
				out = append(out, c)
			}
			delete(open, number(m[1]))
		}
	}
	return out, sc.Err()
}

var lasted = regexp.MustCompile(`<(\d+\.\d+)>$`)

// took is how long the call of a whole line lasted, which begins with the time
// of its entry; a resumed one begins with that of its return.
func took(line string) float64 {
	if m := lasted.FindStringSubmatch(line); m != nil {
		return seconds(m[1])
	}
	return 0
}

func number(s string) int { n, _ := strconv.Atoi(s); return n }

func seconds(s string) float64 { f, _ := strconv.ParseFloat(s, 64); return f }

func isSync(c Call) bool { return c.Name == "fsync" || c.Name == "fdatasync" }

// Durable finds where words were made durable: the flush of a file whose name
// ends in file that began after the words were written to it, and succeeded.
func Durable(calls []Call, file, words string) (Call, error) {
	written := -1
	for _, c := range calls {
		if (c.Name == "pwrite64" || c.Name == "write") && strings.HasSuffix(c.On, file) && strings.Contains(c.Data, words) && c.Result > 0 {
			if written < 0 || c.End < written {
				written = c.End
			}
		}
	}
	if written < 0 {
		return Call{}, fmt.Errorf("%q was never written to %s", words, file)
	}
	var found *Call
	for i, c := range calls {
		if isSync(c) && strings.HasSuffix(c.On, file) && c.Result == 0 && c.Begin > written && (found == nil || c.End < found.End) {
			found = &calls[i]
		}
	}
	if found == nil {
		return Call{}, fmt.Errorf("%s was not flushed after %q was written to it", file, words)
	}
	return *found, nil
}

var placed = regexp.MustCompile(`^"HTTP/1\.1 303 See Other.*Location: (?:http://[^/]+)?/orders/([0-9A-Z]{4}-[0-9A-Z]{4})`)

// Acknowledged are the orders whose references were answered, with the call
// that wrote the answer.
func Acknowledged(calls []Call) map[string]Call {
	out := map[string]Call{}
	for _, c := range calls {
		if c.Name != "write" || !strings.HasPrefix(c.On, "TCP:") {
			continue
		}
		if m := placed.FindStringSubmatch(c.Data); m != nil {
			if first, ok := out[m[1]]; !ok || c.Begin < first.Begin {
				out[m[1]] = c
			}
		}
	}
	return out
}

// AnsweredBeforeDurable names every order whose answer began before the log of
// its row was flushed.
func AnsweredBeforeDurable(calls []Call) (orders int, wrong []string) {
	for ref, answer := range Acknowledged(calls) {
		orders++
		flush, err := Durable(calls, "/yumen.db-wal", ref)
		switch {
		case err != nil:
			wrong = append(wrong, fmt.Sprintf("order %s was acknowledged: %v", ref, err))
		case answer.Begin <= flush.End:
			wrong = append(wrong, fmt.Sprintf("order %s was answered at %d, its row was durable at %d", ref, answer.Begin, flush.End))
		}
	}
	return orders, wrong
}
