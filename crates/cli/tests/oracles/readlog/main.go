// readlog checks a published log with what Go checks its own module log with:
// golang.org/x/mod/sumdb/note and .../tlog. C2SP leaves the tile height out of a path and says
// `entries` for tlog's `data`; with both put back, tlog reads and writes the paths itself.
//
//	readlog VKEY DIR [OLDER_CHECKPOINT]...
package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const height = 8 // 256 hashes a tile

func main() {
	vkey, dir := os.Args[1], os.Args[2]
	tree := checkpoint(vkey, filepath.Join(dir, "checkpoint"))
	stored := fromEntries(dir, tree)
	files := everyFile(dir, stored)
	tiles := tlog.TileHashReader(tree, folder(dir))
	for n := int64(0); n < tree.N; n++ { // tlog authenticates the tiles on the way
		proof := must(tlog.ProveRecord(tree.N, n, tiles))
		leaf := stored[tlog.StoredHashIndex(0, n)]
		check("record", tlog.CheckRecord(proof, tree.N, tree.Hash, n, leaf))
	}
	fmt.Printf("size %d, files %d\n", tree.N, files)
	for _, path := range os.Args[3:] {
		older := checkpoint(vkey, path)
		proof := must(tlog.ProveTree(tree.N, older.N, tiles))
		check("consistency", tlog.CheckTree(proof, tree.N, tree.Hash, older.N, older.Hash))
		fmt.Printf("consistent with size %d\n", older.N)
	}
}

func check(what string, err error) {
	if err != nil {
		fmt.Fprintf(os.Stderr, "readlog: %s: %v\n", what, err)
		os.Exit(1)
	}
}

func must[T any](value T, err error) T {
	check("fails", err)
	return value
}

// checkpoint opens a note. The first line must be the key's name; the others are tlog's own.
func checkpoint(vkey, path string) tlog.Tree {
	verifier := must(note.NewVerifier(vkey))
	opened := must(note.Open(must(os.ReadFile(path)), note.VerifierList(verifier)))
	text := strings.TrimPrefix(opened.Text, verifier.Name()+"\n")
	return must(tlog.ParseTree([]byte("go.sum database tree\n" + text)))
}

// hashes is a tree in memory: each hash where tlog.StoredHashIndex says.
type hashes []tlog.Hash

func (h hashes) ReadHashes(indexes []int64) (out []tlog.Hash, err error) {
	for _, index := range indexes {
		if index >= int64(len(h)) {
			return nil, fmt.Errorf("beyond the tree")
		}
		out = append(out, h[index])
	}
	return out, nil
}

// fromEntries makes the tree from the bundles alone.
func fromEntries(dir string, tree tlog.Tree) (stored hashes) {
	for n := int64(0); n < tree.N; {
		bundle := tlog.Tile{H: height, L: -1, N: n >> height, W: 1 << height}
		if tree.N-n < 1<<height {
			bundle.W = int(tree.N - n)
		}
		leaves := hashesOf(dir, bundle)
		if len(leaves) != bundle.W*tlog.HashSize {
			check(c2spPath(bundle), fmt.Errorf("has another number of entries"))
		}
		for ; len(leaves) > 0; leaves, n = leaves[tlog.HashSize:], n+1 {
			var leaf tlog.Hash
			copy(leaf[:], leaves)
			stored = append(stored, must(tlog.StoredHashesForRecordHash(n, leaf, stored))...)
		}
	}
	if root := must(tlog.TreeHash(tree.N, stored)); root != tree.Hash {
		check("root", fmt.Errorf("of the entries %v, signed %v", root, tree.Hash))
	}
	return stored
}

// everyFile compares each file below tile/, of any published size, with the tree of the entries.
func everyFile(dir string, stored hashes) (files int) {
	visit := func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		files++
		name := must(filepath.Rel(dir, path))
		inTlog := strings.Replace(name, "tile/", "tile/8/", 1)
		tile := must(tlog.ParseTilePath(strings.Replace(inTlog, "/entries/", "/data/", 1)))
		data := hashesOf(dir, tile)
		if tile.L == -1 {
			tile.L = 0
		}
		if !bytes.Equal(data, must(tlog.ReadTileData(tile, stored))) {
			check(name, fmt.Errorf("is not of this tree"))
		}
		return nil
	}
	check("tile", filepath.WalkDir(filepath.Join(dir, "tile"), visit))
	return files
}

func c2spPath(tile tlog.Tile) string {
	path := strings.Replace(tile.Path(), "tile/8/", "tile/", 1)
	return strings.Replace(path, "/data/", "/entries/", 1)
}

// hashesOf reads a tile, or the leaves of a bundle: an entry stands after its length in two bytes.
func hashesOf(dir string, tile tlog.Tile) (out []byte) {
	data := must(os.ReadFile(filepath.Join(dir, c2spPath(tile))))
	for tile.L == -1 && len(data) > 0 {
		if len(data) < 2 || len(data) < 2+int(binary.BigEndian.Uint16(data)) {
			check(c2spPath(tile), fmt.Errorf("ends early"))
		}
		end := 2 + int(binary.BigEndian.Uint16(data))
		leaf := tlog.RecordHash(data[2:end])
		out, data = append(out, leaf[:]...), data[end:]
	}
	return append(out, data...)
}

// folder is a tlog.TileReader of files.
type folder string

func (dir folder) Height() int                     { return height }
func (dir folder) SaveTiles([]tlog.Tile, [][]byte) {}
func (dir folder) ReadTiles(tiles []tlog.Tile) (out [][]byte, err error) {
	for _, tile := range tiles {
		out = append(out, hashesOf(string(dir), tile))
	}
	return out, nil
}
