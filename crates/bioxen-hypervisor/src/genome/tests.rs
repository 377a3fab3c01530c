mod ecoli;
mod embedded;
mod minimal_cell;
mod operons;
mod refused;
