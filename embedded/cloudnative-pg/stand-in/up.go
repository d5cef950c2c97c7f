package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"os/exec"
	"os/signal"
	"strconv"
	"syscall"
	"time"
)

const readyTimeout = 60 * time.Second

// up runs in the network of this machine. It serves what the part inside hands over, plays the kubelet
// and the instance managers, and ends when it is told to, or when its owner ends.
func up(s settings) error {
	begin := time.Now()
	ctx, cancel := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer cancel()
	if s.StopOnStdinEOF {
		go func() {
			_, _ = io.Copy(io.Discard, os.Stdin)
			cancel()
		}()
	}
	unlock, err := lock(s)
	if err != nil {
		return err
	}
	defer unlock()
	_ = os.Remove(s.file("ready.json")) // of one that was killed
	fmt.Println("cnpg-stand-in: runs the CloudNativePG operator", s.Version,
		"and stands in for the instance managers; no PostgreSQL runs")

	go func() {
		for s.Owner.alive() {
			time.Sleep(500 * time.Millisecond)
		}
		fmt.Println("the control plane has ended")
		cancel()
	}()

	namespace, err := enter(s)
	if err != nil {
		return err
	}
	defer namespace.stop()
	go func() { _ = relay(namespace.apiserver, hostOf(s.Server)) }()

	a, err := newAPI(s)
	if err != nil {
		return err
	}
	timelines := newTimelines()
	managers, err := newInstances(s, a, timelines)
	if err != nil {
		return err
	}
	failed := make(chan error, 3)
	go func() { failed <- managers.serve(namespace.instances) }()
	go func() { failed <- promotePrimaries(ctx, a, timelines) }()
	go func() { failed <- keepFresh(ctx, s, a) }()
	go func() { failed <- announce(ctx, s, begin) }()

	for {
		select {
		case <-ctx.Done():
			_ = os.Remove(s.file("ready.json"))
			fmt.Println("stopping")
			return nil
		case err := <-namespace.ended:
			return errors.Join(errors.New("the part inside ended"), err)
		case err := <-failed:
			if err != nil && ctx.Err() == nil {
				return err
			}
		}
	}
}

// announce writes ready.json when the API server's calls reach the operator.
func announce(ctx context.Context, s settings, begin time.Time) error {
	if err := awaitOperator(ctx, s); err != nil {
		return err
	}
	content, err := json.Marshal(map[string]any{
		"pid": self().Pid, "startTime": self().StartTime, "version": s.Version,
		"seconds": time.Since(begin).Round(10 * time.Millisecond).Seconds(),
	})
	if err != nil {
		return err
	}
	fmt.Printf("the operator is ready after %.1f s\n", time.Since(begin).Seconds())
	return writeAtomically(s.file("ready.json"), content)
}

// enclosed is the part inside, and what it handed over.
type enclosed struct {
	instances, apiserver net.Listener
	process              *os.Process
	ended                chan error
	gone                 chan struct{}
}

// enter starts the part inside, in namespaces of its own.
func enter(s settings) (*enclosed, error) {
	webhooks, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(s.WebhookPort)))
	if err != nil {
		return nil, fmt.Errorf("listen for the API server: %w", err)
	}
	defer webhooks.Close() // the part inside has it then
	webhookFile, err := webhooks.(*net.TCPListener).File()
	if err != nil {
		return nil, err
	}
	defer webhookFile.Close()
	pair, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	ours, theirs := os.NewFile(uintptr(pair[0]), "inside"), os.NewFile(uintptr(pair[1]), "up")
	defer ours.Close()

	command, err := startInside(s, theirs, webhookFile)
	theirs.Close()
	if err != nil {
		return nil, err
	}
	e := &enclosed{process: command.Process, ended: make(chan error, 1), gone: make(chan struct{})}
	go func() {
		e.ended <- command.Wait()
		close(e.gone)
	}()
	listeners, err := takeOver(ours, 2)
	if err != nil {
		e.stop()
		if command.ProcessState.ExitCode() == exitNoNamespaces {
			return nil, errNoNamespaces // it has said more
		}
		return nil, fmt.Errorf("the part inside did not start: %w", err)
	}
	e.instances, e.apiserver = listeners[0], listeners[1]
	return e, nil
}

// startInside starts the process. Root in a container may be no root over namespaces, and then has to
// do as everybody else.
func startInside(s settings, files ...*os.File) (*exec.Cmd, error) {
	starter := newChildren()
	var refusals []error
	for _, withUser := range []bool{false, true} {
		if !withUser && os.Geteuid() != 0 {
			continue
		}
		command := &exec.Cmd{
			Path: "/proc/self/exe", Args: []string{os.Args[0], "inside", s.dir}, Dir: s.dir,
			Stdout: os.Stdout, Stderr: os.Stderr, ExtraFiles: files, SysProcAttr: namespaces(withUser),
		}
		err := starter.start(command)
		if err == nil {
			return command, nil
		}
		if !isRefusal(err) {
			return nil, fmt.Errorf("start the part inside: %w", err)
		}
		refusals = append(refusals, err)
	}
	return nil, fmt.Errorf("%w: %w", errNoNamespaces, refusals[len(refusals)-1])
}

// isRefusal tells what the kernel says where namespaces are forbidden, used up, or not built in.
func isRefusal(err error) bool {
	return errors.Is(err, syscall.EPERM) || errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EINVAL)
}

// stop ends the operator with the part inside, and waits for it.
func (e *enclosed) stop() {
	_ = e.process.Signal(syscall.SIGTERM)
	select {
	case <-e.gone:
	case <-time.After(12 * time.Second):
		_ = e.process.Kill()
		<-e.gone
	}
}

func hostOf(server string) string {
	parsed, err := url.Parse(server)
	if err != nil {
		return ""
	}
	return parsed.Host
}
