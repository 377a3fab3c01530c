mod embedded;
mod refused;
