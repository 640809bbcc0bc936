mod counts;
mod forecasts;
mod resume;
mod scene;
mod time;
mod whole;
