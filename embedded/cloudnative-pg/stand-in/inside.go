package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"os/signal"
	"slices"
	"syscall"
	"time"
)

const (
	instancePort = "8000" // where the operator asks an instance manager
	operatorPort = "9443" // where the operator answers the API server

	maxRestarts   = 5
	restartWindow = time.Minute

	// What `up` passes on to `inside`, beside the standard three.
	socketDescriptor  = 3
	webhookDescriptor = 4
)

// inside runs in the namespaces that `up` made for it: it opens the ways in and out, and runs the
// operator until it is told to stop.
func inside(s settings) error {
	ctx, cancel := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer cancel()
	if err := furnish(s.file("webhook")); err != nil {
		return err
	}
	server, err := url.Parse(s.Server)
	if err != nil {
		return err
	}
	instances, err := net.Listen("tcp", "0.0.0.0:"+instancePort)
	if err != nil {
		return err
	}
	// The same address as outside: it is what the API server's certificate is for.
	apiserver, err := net.Listen("tcp", server.Host)
	if err != nil {
		return err
	}
	webhooks, err := inherited(webhookDescriptor)
	if err != nil {
		return err
	}
	// Both are served outside; what arrives here, in this network, is accepted there.
	if err := handOver(os.NewFile(socketDescriptor, "up"), instances, apiserver); err != nil {
		return fmt.Errorf("hand the listeners over: %w", err)
	}
	go func() { _ = relay(webhooks, "127.0.0.1:"+operatorPort) }()
	return keepRunning(ctx, s)
}

// keepRunning starts the operator, as its Deployment would: again when it dies, but not a sixth time
// within a minute.
func keepRunning(ctx context.Context, s settings) error {
	starter := newChildren()
	log, err := os.OpenFile(s.file("logs", "operator.log"), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	var deaths []time.Time
	for {
		command := operatorCommand(s)
		command.Stdout, command.Stderr = log, log
		if err := starter.start(command); err != nil {
			return fmt.Errorf("start the operator: %w", err)
		}
		ended := make(chan error, 1)
		go func() { ended <- command.Wait() }()
		select {
		case <-ctx.Done():
			return end(command.Process, ended)
		case cause := <-ended:
			now := time.Now()
			deaths = slices.DeleteFunc(deaths, func(t time.Time) bool { return now.Sub(t) > restartWindow })
			deaths = append(deaths, now)
			if len(deaths) > maxRestarts {
				return fmt.Errorf("the operator died %d times within a minute (%v); see %s", len(deaths), cause, log.Name())
			}
			pause := 100 * time.Millisecond << (2 * (len(deaths) - 1)) // 0.1, 0.4, 1.6, 6.4, 25.6 s
			fmt.Printf("the operator died (%v); starting it again in %v\n", cause, pause)
			select {
			case <-ctx.Done():
				return nil
			case <-time.After(pause):
			}
		}
	}
}

// operatorCommand is the container of the operator's own Deployment. All paths are below its working
// directory, where it also looks for the instance managers' binary.
func operatorCommand(s settings) *exec.Cmd {
	environment := []string{"KUBECONFIG=kubeconfig", "HOME=" + s.dir}
	for name, value := range s.Env {
		environment = append(environment, name+"="+value)
	}
	return &exec.Cmd{Path: s.Operator, Args: append([]string{s.Operator}, s.Args...), Dir: s.dir, Env: environment}
}

func end(process *os.Process, ended <-chan error) error {
	if err := process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	select {
	case <-ended:
		return nil
	case <-time.After(10 * time.Second): // as long as its Deployment grants it
		return process.Kill()
	}
}
