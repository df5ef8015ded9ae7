// Package transfer moves a faculty from one server to another: it exports the rows of its syncs, and what the register
// knows of them, into a bundle, imports one by a plan, and retires the rows at the origin once the import was confirmed.
package transfer
