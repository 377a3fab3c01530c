mod checks;
mod events;
mod faults;
mod life;
mod random;
mod sessions;
mod tasks;
