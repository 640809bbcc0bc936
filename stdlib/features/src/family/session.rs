//! The hour, the day and the session, at the bar's close, when it is known.

use super::{Family, Group, PLAIN, Unit};
use crate::kernel::clock::{
    America, Asia, BarsSinceOpen, Clock, Europe, HourCosine, HourSine, WeekdayCosine, WeekdaySine,
};
use crate::kernel::own::timed;
use crate::series::Input;

const SESSION: Family = Family {
    group: Group::Session,
    inputs: &[Input::Time],
    source: "trading hours by local time",
    ..PLAIN
};
const CIRCLE: Family =
    Family { range: (-1.0, 1.0), source: "time as a point on a circle", ..SESSION };
const OPEN: Family = Family { unit: Unit::Flag, range: (0.0, 1.0), ..SESSION };

pub(crate) static FAMILIES: &[Family] = &[
    Family {
        base: "hour_sin",
        summary: "hour of the day as a point on a circle, sine",
        definition: "sin(2π·hour/24), the hour with its fraction in New York when the bar closes",
        formula: "hour-sin close new-york",
        kernel: timed::<Clock<HourSine>>(),
        ..CIRCLE
    },
    Family {
        base: "hour_cos",
        summary: "hour of the day as a point on a circle, cosine",
        definition: "cos(2π·hour/24), the hour with its fraction in New York when the bar closes",
        formula: "hour-cos close new-york",
        kernel: timed::<Clock<HourCosine>>(),
        ..CIRCLE
    },
    Family {
        base: "dow_sin",
        summary: "day of the week as a point on a circle, sine",
        definition: "sin(2π·day/7), Monday 0, in New York when the bar closes",
        formula: "dow-sin close new-york monday=0",
        kernel: timed::<Clock<WeekdaySine>>(),
        ..CIRCLE
    },
    Family {
        base: "dow_cos",
        summary: "day of the week as a point on a circle, cosine",
        definition: "cos(2π·day/7), Monday 0, in New York when the bar closes",
        formula: "dow-cos close new-york monday=0",
        kernel: timed::<Clock<WeekdayCosine>>(),
        ..CIRCLE
    },
    Family {
        base: "session_asia",
        summary: "whether Tokyo trades when the bar closes",
        definition: "1 on weekdays from 9:00 to before 18:00 in Tokyo, else 0",
        formula: "session close tokyo 9..18 weekdays",
        kernel: timed::<Clock<Asia>>(),
        ..OPEN
    },
    Family {
        base: "session_london",
        summary: "whether London trades when the bar closes",
        definition: "1 on weekdays from 8:00 to before 17:00 in London, else 0",
        formula: "session close london 8..17 weekdays",
        kernel: timed::<Clock<Europe>>(),
        ..OPEN
    },
    Family {
        base: "session_ny",
        summary: "whether New York trades when the bar closes",
        definition: "1 on weekdays from 8:00 to before 17:00 in New York, else 0",
        formula: "session close new-york 8..17 weekdays",
        kernel: timed::<Clock<America>>(),
        ..OPEN
    },
    Family {
        base: "bars_since_open",
        summary: "bars from the opening of the week",
        definition: "whole bars from Sunday 17:00 in New York to the bar's opening, 24 at most",
        formula: "bars-since-open sunday-17 new-york max=24",
        unit: Unit::Bars,
        range: (0.0, 24.0),
        kernel: timed::<Clock<BarsSinceOpen>>(),
        ..SESSION
    },
];
