// Package up runs a whole control plane as child processes on 127.0.0.1 and keeps it running until it
// is told to stop.
package up

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"syscall"
	"time"
)

type options struct {
	state          string
	nodes          int
	port           int
	address        string
	kubelets       kubelets
	stopOnStdinEOF bool
}

// Main is the part "up". It returns 0 after a stop that was asked for, 1 after a failure, 2 after a
// mistake in the arguments.
func Main(args []string) int {
	var o options
	flags := flag.NewFlagSet("up", flag.ContinueOnError)
	flags.StringVar(&o.state, "state", "", "state directory; one with the state of an earlier run goes on from it")
	flags.IntVar(&o.nodes, "nodes", 3, "simulated nodes; with 0 nothing is simulated")
	flags.StringVar(&o.address, "address", loopbackAddress, "address that the API server listens on beside the loopback, for real nodes")
	flags.Var(&o.kubelets, "kubelets", "real nodes that get certificates and kubeconfigs: NAME=ADDRESS,…")
	flags.IntVar(&o.port, "port", 0, "port of the API server (0: the one of the earlier run, or any free one)")
	flags.BoolVar(&o.stopOnStdinEOF, "stop-on-stdin-eof", false, "stop when standard input ends, and so with the process that holds it")
	if err := flags.Parse(args[1:]); err != nil {
		return 2
	}
	if o.state == "" || o.nodes < 0 || o.port < 0 || o.port > 65535 || flags.NArg() > 0 {
		fmt.Fprintln(os.Stderr, "up: --state DIR is needed, --nodes is not negative, --port at most 65535, and nothing else is taken")
		return 2
	}
	ctx, cancel := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer cancel()
	if o.stopOnStdinEOF {
		go func() {
			_, _ = io.Copy(io.Discard, os.Stdin)
			cancel()
		}()
	}
	begin := time.Now()
	say := func(format string, args ...any) {
		fmt.Printf("%7.2fs  %s\n", time.Since(begin).Seconds(), fmt.Sprintf(format, args...))
	}
	if err := run(ctx, o, begin, say); err != nil {
		say("failed: %v", err)
		return 1
	}
	say("stopped")
	return 0
}

func run(ctx context.Context, o options, begin time.Time, say func(string, ...any)) error {
	dir, err := filepath.Abs(o.state)
	if err != nil {
		return err
	}
	binary, err := os.Executable()
	if err != nil {
		return err
	}
	l := layout{dir}
	unlock, err := l.create()
	if err != nil {
		return err
	}
	defer unlock()
	_ = os.Remove(l.file("ready.json")) // of a supervisor that was killed
	if err := l.linkParts(binary); err != nil {
		return err
	}
	identities := identitiesOf(o)
	renewed, err := ensurePKI(l, identities, begin)
	if err != nil {
		return err
	}
	if renewed {
		say("made keys and certificates, good for a year")
	}

	s, server, err := startAll(ctx, o, l, say)
	defer s.stop()
	if errors.Is(err, context.Canceled) {
		return nil
	}
	if err != nil {
		return err
	}
	s.ready.Store(true)
	if err := writeReady(l, server, o.nodes, time.Since(begin)); err != nil {
		return fmt.Errorf("write ready.json: %w", err)
	}
	defer os.Remove(l.file("ready.json"))
	go boundLogs(s.logs(), s.stopping)
	say("ready: KUBECONFIG=%s", l.kubeconfig(adminUser))

	select {
	case <-ctx.Done():
		say("stopping")
		return nil
	case err := <-s.failed:
		return err
	}
}

// startAll starts every part, again on other ports when one was lost to another process meanwhile.
// The supervisor it returns is never nil and is the caller's to stop, also after an error.
func startAll(ctx context.Context, o options, l layout, say func(string, ...any)) (*supervisor, string, error) {
	for attempt := 1; ; attempt++ {
		s := newSupervisor(l, say)
		p, err := choosePorts(l, o.port)
		if err != nil {
			return s, "", err
		}
		server := p.urlAt(o.address, "kube-apiserver")
		if err := writeKubeconfigs(l, server, kubeconfigUsers(o)); err != nil {
			return s, "", err
		}
		err = startParts(ctx, o, l, p, s)
		if attempt < 3 && errors.Is(err, errPortTaken) {
			say("%v; trying other ports", errPortTaken)
			s.stop()
			continue
		}
		return s, server, err
	}
}

func startParts(ctx context.Context, o options, l layout, p ports, s *supervisor) error {
	a, err := newAPI(l, p.url("kube-apiserver"), s.failed)
	if err != nil {
		return err
	}
	// The API server itself waits for etcd.
	if err := errors.Join(s.start("etcd", etcdFlags(l, p)), s.start("kube-apiserver", apiserverFlags(l, p, o.address))); err != nil {
		return err
	}
	if err := a.answers(ctx, "kube-apiserver", "/readyz", 120*time.Second); err != nil {
		return err
	}
	s.say("kube-apiserver is ready at %s", a.server)
	if err := errors.Join(
		s.start("kube-controller-manager", controllerManagerFlags(l, p)),
		s.start("kube-scheduler", schedulerFlags(l, p)),
		s.start("metrics-server", metricsServerFlags(l, p)),
	); err != nil {
		return err
	}
	simulation := []func() error{
		func() error { return prepareSimulation(ctx, l, a) },
		func() error { return s.start("kwok", kwokFlags(l, p)) },
		func() error { return createNodes(ctx, a, o.nodes) },
		func() error { return createUsage(ctx, a) },
		func() error { return createStorageClass(ctx, a) },
		func() error { return a.answers(ctx, "kwok", p.url("kwok")+"/healthz", 30*time.Second) },
		func() error { return waitForNodes(ctx, a, o.nodes) },
	}
	if o.nodes == 0 {
		simulation = nil
	}
	for _, step := range slices.Concat([]func() error{
		func() error { return registerMetrics(ctx, l, p, a) },
	}, simulation, []func() error{
		func() error {
			return a.answers(ctx, "kube-controller-manager", p.url("kube-controller-manager")+"/healthz", 30*time.Second)
		},
		func() error {
			return a.answers(ctx, "kube-scheduler", p.url("kube-scheduler")+"/readyz", 30*time.Second)
		},
		func() error { return waitForMetrics(ctx, a) },
	}) {
		if err := step(); err != nil {
			return err
		}
	}
	s.say("%d nodes are ready", o.nodes)
	return nil
}
