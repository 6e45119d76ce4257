use cairn_datasets::city::world::Attack;

use super::{CityArgs, Sample, Which, rate, spec};

fn args() -> CityArgs {
    CityArgs {
        out: "x".into(),
        seed: 1,
        contributors: 2,
        drives: 3,
        hours: 0.5,
        frames: 10,
        width: 64,
        height: 64,
        attacks: Which::None,
        rates: Vec::new(),
        metadata_only: false,
        no_fixes: false,
        threads: 1,
        json: false,
    }
}

#[test]
fn hours_and_frames_are_shared_among_drives() {
    let spec = spec(&args()).unwrap();
    assert_eq!((spec.drive_ms, spec.frames_per_drive), (600_000, 4));
    assert!(spec.attacks.is_empty());
}

#[test]
fn single_rates_stand_over_the_usual_ones() {
    let mut args = args();
    args.attacks = Which::All;
    args.rates = vec!["crop=0.5".into(), "blur=0".into()];
    let attacks = spec(&args).unwrap().attacks;
    assert_eq!(attacks.len(), Attack::ALL.len());
    assert_eq!(attacks[&Attack::Crop], 500_000);
    assert_eq!(attacks[&Attack::Blur], 0);
}

#[test]
fn what_is_no_rate_says_so() {
    for (text, word) in [
        ("crop", "NAME=RATE"),
        ("chop=1", "white-jitter"),
        ("crop=-1", "0 to 10"),
        ("crop=x", "0 to 10"),
        ("crop=NaN", "0 to 10"),
    ] {
        let said = rate(text).unwrap_err().to_string();
        assert!(said.contains(word), "{text}: {said}");
    }
    let mut args = args();
    args.hours = f64::NAN;
    assert!(spec(&args).unwrap_err().to_string().contains("--hours"));
    let Sample::City(_) = Sample::City(args);
}
