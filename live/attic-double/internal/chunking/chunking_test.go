package chunking

import (
	"bytes"
	"errors"
	"io"
	"math/rand"
	"testing"
	"testing/iotest"
)

const least, average, most = 1024, 4096, 16384

func cutAll(t *testing.T, data []byte) (chunks [][]byte) {
	t.Helper()
	cutter := NewCutter(iotest.HalfReader(bytes.NewReader(data)), least, average, most)
	for {
		chunk, err := cutter.Next()
		if errors.Is(err, io.EOF) {
			return chunks
		}
		if err != nil {
			t.Fatal(err)
		}
		chunks = append(chunks, chunk)
	}
}

func noise(length int) []byte {
	data := make([]byte, length)
	rand.New(rand.NewSource(1)).Read(data)
	return data
}

func TestChunksAreTheStreamAndOfTheConfiguredSizes(t *testing.T) {
	for _, length := range []int{0, 1, least, least + 1, most, most + 1, 1_000_000} {
		data := noise(length)
		chunks := cutAll(t, data)
		if !bytes.Equal(bytes.Join(chunks, nil), data) {
			t.Fatalf("%d bytes do not come back", length)
		}
		for place, chunk := range chunks {
			if len(chunk) > most || (len(chunk) < least && place < len(chunks)-1) {
				t.Errorf("chunk %d of %d bytes has %d", place, length, len(chunk))
			}
		}
	}
}

func TestChunksAreAboutTheAverage(t *testing.T) {
	count := len(cutAll(t, noise(4_000_000)))
	if found := 4_000_000 / count; found < average/2 || found > average*2 {
		t.Errorf("they have %d bytes on average", found)
	}
}

func TestWhatIsPutInFrontMovesOnlyTheFirstCuts(t *testing.T) {
	data := noise(1_000_000)
	known := map[string]bool{}
	for _, chunk := range cutAll(t, data) {
		known[string(chunk)] = true
	}
	fresh := 0
	for _, chunk := range cutAll(t, append(noise(777), data...)) {
		if !known[string(chunk)] {
			fresh++
		}
	}
	if fresh > 10 {
		t.Errorf("%d chunks of %d are new", fresh, len(known))
	}
}

func TestAnErrorOfTheStreamIsTold(t *testing.T) {
	broken := io.MultiReader(bytes.NewReader(noise(100)), iotest.ErrReader(errors.New("gone")))
	if chunk, err := NewCutter(broken, least, average, most).Next(); err == nil {
		t.Errorf("%d bytes came of it", len(chunk))
	}
}
