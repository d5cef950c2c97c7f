package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"attic-pulumi/attic-double/internal/api"
	"attic-pulumi/attic-double/internal/collector"
	"attic-pulumi/attic-double/internal/config"
	"attic-pulumi/attic-double/internal/database"
	"attic-pulumi/attic-double/internal/flags"
)

// process is what a mode runs with.
type process struct {
	options     flags.Options
	settings    config.Config
	logRequests bool
}

var modes = map[string]func(process) error{
	"monolithic": func(p process) error {
		ignoreAsFirst()
		if err := p.migrate(); err != nil {
			return err
		}
		ctx, stop := untilTold()
		defer stop()
		var collecting sync.WaitGroup
		collecting.Go(func() { collector.Every(ctx, p.settings) })
		err := p.serve(ctx)
		stop()
		collecting.Wait()
		return err
	},
	"api-server": func(p process) error {
		ctx, stop := untilTold()
		defer stop()
		return p.serve(ctx)
	},
	"garbage-collector": func(p process) error {
		ctx, stop := untilTold()
		defer stop()
		collector.Every(ctx, p.settings)
		return nil
	},
	"garbage-collector-once": func(p process) error {
		ignoreAsFirst()
		return collector.Once(context.Background(), p.settings)
	},
	"db-migrations": func(p process) error {
		ignoreAsFirst()
		return p.migrate()
	},
	"check-config": func(process) error { return nil },
}

// ignoreAsFirst lets signals pass that nobody handles, as the kernel does for the first process of a container. Go's
// runtime would end it.
func ignoreAsFirst() {
	if os.Getpid() == 1 {
		signal.Ignore(syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP)
	}
}

// untilTold ends with SIGTERM or SIGINT; what comes after the first is ignored.
func untilTold() (context.Context, context.CancelFunc) {
	if os.Getpid() == 1 {
		signal.Ignore(syscall.SIGHUP)
	}
	ctx, cancel := context.WithCancel(context.Background())
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT)
	go func() {
		select {
		case received := <-signals:
			fmt.Fprintf(os.Stderr, "Received %v, exiting gracefully...\n", received)
			cancel()
		case <-ctx.Done():
		}
	}()
	return ctx, cancel
}

func (p process) migrate() error {
	fmt.Fprintln(os.Stderr, "Running migrations...")
	db, err := database.Open(p.settings.Database.URL)
	if err != nil {
		return err
	}
	defer db.Close()
	return db.Migrate(context.Background(), time.Now())
}

// serve answers until the context ends: the listener closes at once, and requests are finished however long they
// take.
func (p process) serve(ctx context.Context) error {
	fmt.Fprintln(os.Stderr, "Starting API server...")
	handler, err := api.New(p.settings)
	if err != nil {
		return err
	}
	handler.LogRequests = p.logRequests
	address := p.settings.Listen
	if p.options.Listen != nil {
		address = *p.options.Listen
	}
	fmt.Fprintf(os.Stderr, "Listening on %v...\n", address)
	listener, err := net.Listen("tcp", address.String())
	if err != nil {
		return err
	}
	go handler.Heartbeat(ctx)

	var protocols http.Protocols
	protocols.SetHTTP1(true)
	// To be refused in the server's own words.
	protocols.SetUnencryptedHTTP2(true)
	server := &http.Server{Handler: handler, Protocols: &protocols}
	finished := make(chan error, 1)
	go func() {
		<-ctx.Done()
		finished <- server.Shutdown(context.Background())
	}()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return <-finished
}
