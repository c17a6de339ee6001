// oracle KIND: asks the real Kubernetes code. Standard input has one question per line: the path of a file, or JSON with
// the identity of a document and the document itself, {"id": ..., "object": ...}. Every document is answered by one line
// of JSON, the verdict. Without arguments it lists its kinds.
package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"sort"
	"strings"

	"k8s.io/klog/v2"
)

// An oracle answers questions of one kind. Some answer at the end, about everything that they were given.
type oracle struct {
	about string
	ask   func(id string, data []byte)
	done  func()
}

var oracles = map[string]oracle{}

var out = bufio.NewWriterSize(os.Stdout, 1<<16)

func main() {
	silenceLogs()
	flag.Parse()
	o, ok := oracles[flag.Arg(0)]
	if !ok {
		usage()
		os.Exit(2)
	}
	defer out.Flush()
	in := bufio.NewScanner(os.Stdin)
	in.Buffer(make([]byte, 1<<20), 1<<26)
	for in.Scan() {
		if line := strings.TrimSpace(in.Text()); line != "" {
			o.answer(line)
		}
	}
	if err := in.Err(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	if o.done != nil {
		o.done()
	}
}

func silenceLogs() {
	klog.SetOutput(io.Discard)
	fs := flag.NewFlagSet("klog", flag.ContinueOnError)
	klog.InitFlags(fs)
	_ = fs.Parse([]string{"-logtostderr=false", "-stderrthreshold=FATAL"})
}

func usage() {
	names := []string{}
	for name, o := range oracles {
		names = append(names, name+": "+o.about)
	}
	sort.Strings(names)
	fmt.Fprintln(os.Stderr, "kinds:\n "+strings.Join(names, "\n "))
}

// answer reads the document that a line stands for. Validation may panic: that says something of Kubernetes, and must
// not end the other answers.
func (o oracle) answer(line string) {
	id, data, err := question(line)
	defer func() {
		if r := recover(); r != nil {
			verdict{ID: id}.failed("Panic", fmt.Sprint(r))
		}
	}()
	if err != nil {
		verdict{ID: id}.failed("Unreadable", err.Error())
		return
	}
	o.ask(id, data)
}

func question(line string) (id string, data []byte, err error) {
	if !strings.HasPrefix(line, "{") {
		data, err = os.ReadFile(line)
		return line, data, err
	}
	var q struct {
		ID     string          `json:"id"`
		Object json.RawMessage `json:"object"`
	}
	if err := json.Unmarshal([]byte(line), &q); err != nil {
		return line, nil, err
	}
	if q.Object == nil { // an oracle's own form
		return q.ID, []byte(line), nil
	}
	return q.ID, q.Object, nil
}
