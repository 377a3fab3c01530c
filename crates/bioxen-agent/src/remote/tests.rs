mod agent;
mod connected;
mod life;
