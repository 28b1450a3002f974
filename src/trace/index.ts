// The entry `/trace`: reading, printing, drawing and replaying traces.
// Nothing is read here yet.
export {}
