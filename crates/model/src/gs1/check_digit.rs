//! The modulo-10 check digit (GS1 General Specifications §7.9.1).

/// Check digit of `digits`, which come without one: weights 3, 1, 3, … from the right,
/// then what is missing to the next ten. The same for every key length.
///
/// `None` if a character is not an ASCII digit.
#[must_use]
pub fn check_digit(digits: &str) -> Option<char> {
    let mut sum: u32 = 0;
    let mut weight = 3;
    for digit in digits.chars().rev() {
        // Reduced at every step: no length of input can overflow.
        sum = (sum + weight * digit.to_digit(10)?) % 10;
        weight = 4 - weight;
    }
    char::from_digit((10 - sum) % 10, 10)
}

/// Whether `digits` ends in the check digit of all the digits before it.
#[must_use]
pub fn ends_in_check_digit(digits: &str) -> bool {
    let mut data = digits.chars();
    let last = data.next_back();
    last.is_some() && check_digit(data.as_str()) == last
}
