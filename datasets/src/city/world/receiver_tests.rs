use super::{Receiver, listen};
use crate::city::rng::Rng;

const RECEIVER: Receiver = Receiver {
    sigma_m: 4.0,
    persistence: 0.95,
};

fn size(heard: &super::Heard) -> f64 {
    (heard.error.x * heard.error.x + heard.error.y * heard.error.y).sqrt()
}

#[test]
fn errors_are_of_the_size_and_the_correlation_asked_for() {
    let (mut squares, mut products, mut count) = (0.0, 0.0, 0.0);
    for stream in 0..30 {
        let heard = listen(RECEIVER, &[false; 400], false, &mut Rng::new(3, stream));
        let errors: Vec<f64> = heard.iter().flatten().map(|heard| heard.error.x).collect();
        for pair in errors.windows(2) {
            squares += pair[0] * pair[0];
            products += pair[0] * pair[1];
            count += 1.0;
        }
    }
    let sigma = f64::sqrt(squares / count);
    // Jumps between high houses add to what the open sky gives.
    assert!((3.5..7.0).contains(&sigma), "{sigma} m");
    assert!(
        (0.9..0.99).contains(&(products / squares)),
        "{}",
        products / squares
    );
}

#[test]
fn a_tunnel_hides_the_sky_and_what_follows_converges() {
    let hidden: Vec<bool> = (0..120).map(|second| (40..60).contains(&second)).collect();
    let (mut after, mut later) = (0.0, 0.0);
    for stream in 0..40 {
        let heard = listen(RECEIVER, &hidden, false, &mut Rng::new(4, stream));
        let missing: Vec<usize> = (0..120).filter(|&second| heard[second].is_none()).collect();
        assert_eq!(missing, (40..60).collect::<Vec<_>>());
        after += size(heard[60].as_ref().unwrap()) / 40.0;
        later += size(heard[85].as_ref().unwrap()) / 40.0;
    }
    assert!(after > 20.0, "{after} m at the end of the tunnel");
    assert!(later < 10.0, "{later} m half a minute later");
}

#[test]
fn who_is_far_off_says_so() {
    let heard = listen(RECEIVER, &[false; 60], true, &mut Rng::new(5, 1));
    let (first, last) = (heard[0].unwrap(), heard[59].unwrap());
    assert!(first.hdop > last.hdop && first.accuracy_m > last.accuracy_m && first.satellites >= 4);
    assert!(last.accuracy_m <= 10.0, "{}", last.accuracy_m);
}

#[test]
fn any_receiver_is_one_that_people_have() {
    for stream in 0..200 {
        let receiver = Receiver::any(&mut Rng::new(6, stream));
        assert!((2.0..=8.0).contains(&receiver.sigma_m));
        assert!((0.9..=0.98).contains(&receiver.persistence));
    }
}
