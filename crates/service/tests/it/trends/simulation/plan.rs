//! What people will talk about.

/// Hours of a week.
pub(super) const HOURS: usize = 168;
/// The hashtag that a ring pushes.
pub(super) const RING: &str = "coinrush";
/// The hashtag that one author repeats.
pub(super) const BOUGHT: &str = "miraclediet";
/// The hashtag of the week's beginning.
pub(super) const STALE: &str = "cityfestival";

/// A generator of numbers that look random and are the same every time (SplitMix64).
pub(super) struct Dice(u64);

impl Dice {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number below `end`.
    pub(super) fn below(&mut self, end: usize) -> usize {
        (self.roll() % end.max(1) as u64) as usize
    }

    /// Happens in `percent` of a hundred cases.
    fn happens(&mut self, percent: f64) -> bool {
        (self.roll() % 10_000) as f64 <= percent * 100.0
    }
}

/// A subject that some talk about for some time.
struct Topic {
    tag: String,
    /// The first of those who talk about it, and how many they are.
    who: (usize, usize),
    /// First and last hour.
    hours: (usize, usize),
    /// Posts of a day with it.
    daily: f64,
}

/// One post.
pub(super) struct Saying {
    pub(super) who: usize,
    pub(super) by_ring: bool,
    pub(super) tag: Option<String>,
    /// The page that it links to.
    pub(super) link: Option<String>,
    /// Boosts that it will get.
    pub(super) boosts: usize,
}

/// The page that a ring pushes.
pub(super) const RING_LINK: &str = "https://coinrush.example/buy";
/// The page that one author repeats.
pub(super) const BOUGHT_LINK: &str = "https://miraclediet.example/order";
/// The page of the week's beginning.
pub(super) const STALE_LINK: &str = "https://news.example/cityfestival";

/// The page about the last thing that happens.
const LAST_LINK: &str = "https://news.example/harbourfire";

impl Saying {
    /// What somebody posts at the end of the week.
    pub(super) fn last(who: usize) -> Self {
        Self {
            who,
            by_ring: false,
            tag: None,
            link: Some(LAST_LINK.to_owned()),
            boosts: 0,
        }
    }

    /// What a member of the ring says.
    pub(super) fn raid(who: usize) -> Self {
        Self {
            who,
            by_ring: true,
            tag: Some(RING.to_owned()),
            link: Some(RING_LINK.to_owned()),
            boosts: 0,
        }
    }
}

/// A week to come.
pub(super) struct Plan {
    pub(super) seed: u64,
    /// Remote accounts that are followed.
    pub(super) people: usize,
    pub(super) domains: usize,
    /// Accounts that do as they are told.
    pub(super) ring: usize,
    /// Hour in which they do.
    pub(super) raid: usize,
    /// People who make a subject one that must not be missed.
    pub(super) many: usize,
    /// Posts of an hour.
    hourly: f64,
    /// Hours before the last day are skipped but for one in so many.
    every: usize,
    topics: Vec<Topic>,
}

fn topic(tag: &str, who: (usize, usize), hours: (usize, usize), daily: f64) -> Topic {
    Topic {
        tag: tag.to_owned(),
        who,
        hours,
        daily,
    }
}

impl Plan {
    /// Thirty accounts, 500 posts a day.
    pub(super) fn small() -> Self {
        Self {
            seed: 2026,
            people: 30,
            domains: 11,
            ring: 200,
            raid: 158,
            many: 5,
            hourly: 500.0 / 24.0,
            every: 1,
            topics: vec![
                // Every day, by those who always do.
                topic("photography", (0, 6), (0, HOURS), 8.0),
                topic("linux", (4, 6), (0, HOURS), 9.0),
                topic("cooking", (12, 4), (0, HOURS), 5.0),
                topic("books", (17, 4), (0, HOURS), 4.0),
                // Things that happen.
                topic(STALE, (3, 22), (8, 52), 70.0),
                topic("caturday", (6, 14), (120, 144), 36.0),
                topic("trainstrike", (10, 16), (138, HOURS), 40.0),
                topic("meteorshower", (0, 12), (150, HOURS), 30.0),
                topic("gamejam", (18, 10), (126, HOURS), 20.0),
                // One author, four hundred times.
                topic(BOUGHT, (29, 1), (118, HOURS), 192.0),
            ],
        }
    }

    /// Many accounts, and so many posts a day, all of them in one hour of seven.
    pub(super) fn large(daily: usize) -> Self {
        let people = (daily / 20).max(100);
        let share = daily as f64 / 100_000.0;
        let mut topics = vec![
            topic(STALE, (0, people / 5), (8, 52), 4_000.0 * share),
            topic("caturday", (people / 9, people / 6), (120, 144), 3_000.0 * share),
            topic(
                "trainstrike",
                (people / 3, people / 4),
                (138, HOURS),
                5_000.0 * share,
            ),
            topic(
                "meteorshower",
                (people / 2, people / 5),
                (150, HOURS),
                4_000.0 * share,
            ),
            topic("gamejam", (people / 7, people / 8), (126, HOURS), 2_000.0 * share),
            topic(BOUGHT, (people - 1, 1), (118, HOURS), 192.0),
        ];
        // A long tail of what is said every day, by a hundred people to five.
        for n in 0..people / 10 {
            let who = (n * 37 % people, 5 + 2_000 / (n + 20));
            let daily = 3_000.0 * share / (n as f64 + 10.0);
            topics.push(topic(&format!("everyday{n}"), who, (0, HOURS), daily));
        }
        Self {
            seed: 2027,
            people,
            domains: people / 12,
            ring: 200,
            raid: 161,
            many: 40,
            hourly: daily as f64 / 24.0,
            every: 7,
            topics,
        }
    }

    /// The hashtags whose scores are drawn.
    pub(super) fn plotted() -> Vec<String> {
        [STALE, "caturday", "trainstrike", "meteorshower", "linux", BOUGHT]
            .map(str::to_owned)
            .into()
    }

    /// The posts of an hour.
    pub(super) fn sayings(&self, hour: usize, dice: &mut Dice) -> Vec<Saying> {
        if !hour.is_multiple_of(self.every) && hour + 24 < HOURS {
            return Vec::new();
        }
        let mut sayings = Vec::new();
        for topic in &self.topics {
            let (from, to) = topic.hours;
            if !(from..to).contains(&hour) {
                continue;
            }
            for _ in 0..Self::count(topic.daily / 24.0, dice) {
                let (first, count) = topic.who;
                let who = (first + dice.below(count)) % self.people;
                sayings.push(self.saying(who, Some(topic.tag.clone()), dice));
            }
        }
        while (sayings.len() as f64) < self.hourly {
            let who = dice.below(self.people);
            let own = format!("diaryof{}", who * 2 + dice.below(2));
            let tag = dice.happens(15.0).then_some(own);
            sayings.push(self.saying(who, tag, dice));
        }
        // In any order.
        for at in (1..sayings.len()).rev() {
            sayings.swap(at, dice.below(at + 1));
        }
        sayings
    }

    /// Hashtags that more than one honest hand talked about in the last hours.
    pub(super) fn honest_tags(&self, hours: usize) -> Vec<&str> {
        self.topics
            .iter()
            .filter(|topic| topic.who.1 >= 2 && topic.hours.1 + hours >= HOURS)
            .map(|topic| topic.tag.as_str())
            .collect()
    }

    /// The pages about what happened in the last hours.
    pub(super) fn honest_links(&self, hours: usize) -> Vec<String> {
        let tags = self.honest_tags(hours);
        tags.into_iter()
            .filter(|tag| self.is_news(tag))
            .map(|tag| format!("https://news.example/{tag}"))
            .chain([LAST_LINK.to_owned()])
            .collect()
    }

    /// Whether a subject is one that comes and goes.
    fn is_news(&self, tag: &str) -> bool {
        self.topics
            .iter()
            .any(|topic| topic.tag == tag && topic.hours != (0, HOURS))
    }

    /// A whole number, `mean` on average.
    fn count(mean: f64, dice: &mut Dice) -> usize {
        let whole = mean.floor();
        whole as usize + usize::from(dice.happens((mean - whole) * 100.0))
    }

    /// Three of a hundred posts are taken up by many, and one of ten by somebody.
    fn saying(&self, who: usize, tag: Option<String>, dice: &mut Dice) -> Saying {
        let is_bought = tag.as_deref() == Some(BOUGHT);
        let boosts = if is_bought {
            0
        } else if dice.happens(3.0) {
            4 + dice.below(10)
        } else {
            usize::from(dice.happens(10.0))
        };
        let link = match tag.as_deref() {
            Some(BOUGHT) => Some(BOUGHT_LINK.to_owned()),
            // What happens is written about: every third post about it links there.
            Some(topic) if self.is_news(topic) && dice.happens(33.0) => {
                Some(format!("https://news.example/{topic}"))
            }
            _ => dice.happens(6.0).then(|| {
                // A page of their own.
                format!(
                    "https://blog{who}.example/{}-{}",
                    dice.below(self.people),
                    dice.below(50)
                )
            }),
        };
        Saying {
            who,
            by_ring: false,
            tag,
            link,
            boosts,
        }
    }
}
