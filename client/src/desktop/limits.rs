//! What puts a line above the limits of the business, for the field it is about: by the rules that judge the
//! entry, while it is still being typed.

use waybill_shared::order::Line;
use waybill_shared::order::rules::limits;
use waybill_shared::settings::Limits;

/// A sentence or two for each field that is above its limit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Above {
    pub quantity: Option<String>,
    pub price: Option<String>,
    pub discount: Option<String>,
}

impl Above {
    /// `was` is the line as it stood before: what was above a limit already may stay.
    pub fn of(now: &Line, was: Option<&Line>, limits: &Limits) -> Self {
        let mut above = Self::default();
        for finding in limits::of_line(now, was, limits) {
            let place = match finding.field.as_deref() {
                Some("quantity") => &mut above.quantity,
                Some("price") => &mut above.price,
                _ => &mut above.discount,
            };
            *place = Some(format!("{} {}", finding.what, finding.remedy));
        }
        above
    }

    pub fn is_none(&self) -> bool {
        self.first().is_none()
    }

    pub fn first(&self) -> Option<&str> {
        [&self.quantity, &self.price, &self.discount].into_iter().find_map(|said| said.as_deref())
    }
}
