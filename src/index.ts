// The public entry of the package: what users import, re-exported from the rooms.
// Nothing is resolved here yet.
export {}
