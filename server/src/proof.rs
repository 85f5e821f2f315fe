//! What a device is given wherever it is told how the log stands, and hands back when it comes again: this server's own
//! word that it did, which nobody else can give. Only this is evidence that the log is not what it was.

use ring::hmac::{HMAC_SHA256, Key, sign, verify};
use sqlx::PgPool;
use waybill_shared::{
    chain::Cursor,
    id::{CompanyId, Id},
};

/// What else may be signed with this key one day says something else here.
const WHAT: &[u8] = b"the log stood here";

/// The number of the epoch, and so much of the code behind it: enough, as every try is a hello.
const NUMBER: usize = 8;
const CODE: usize = 16;

#[derive(Debug)]
pub struct Proofs {
    key: Key,
    company: CompanyId,
}

impl Proofs {
    /// With the secret that was made with the tables: all servers on one database know each other's proofs.
    pub async fn load(pool: &PgPool, company: CompanyId) -> Result<Self, sqlx::Error> {
        let secret: Vec<u8> = sqlx::query_scalar("select secret from account.proof").fetch_one(pool).await?;
        Ok(Self::new(company, &secret))
    }

    pub fn new(company: CompanyId, secret: &[u8]) -> Self {
        Self { key: Key::new(HMAC_SHA256, secret), company }
    }

    /// That the log stood here in this epoch.
    pub fn of(&self, epoch: u64, at: Cursor) -> Vec<u8> {
        let mut proof = epoch.to_be_bytes().to_vec();
        proof.extend(self.code(epoch, at));
        proof
    }

    /// In which epoch it was proven that the log stood here; `None`: it was not.
    pub fn epoch(&self, proof: &[u8], at: Cursor) -> Option<u64> {
        let (number, code) = proof.split_at_checked(NUMBER)?;
        let epoch = u64::from_be_bytes(number.try_into().ok()?);
        // Codes of the codes are compared, so that the time it takes tells nothing of the right one.
        let right = sign(&self.key, &self.code(epoch, at));
        verify(&self.key, code, right.as_ref()).ok().map(|()| epoch)
    }

    fn code(&self, epoch: u64, at: Cursor) -> Vec<u8> {
        let mut said = WHAT.to_vec();
        said.extend(self.company.uuid().as_bytes());
        said.extend(epoch.to_be_bytes());
        said.extend(at.pos.to_be_bytes());
        said.extend(at.chain.0);
        let mut code = sign(&self.key, &said).as_ref().to_vec();
        code.truncate(CODE);
        code
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use waybill_shared::doc::Hash;

    fn proofs(company: u128, secret: u8) -> Proofs {
        Proofs::new(CompanyId::new(uuid::Uuid::from_u128(company)), &[secret; 32])
    }

    const HERE: Cursor = Cursor { pos: 7, chain: Hash([1; 32]) };

    #[test]
    fn a_proof_is_known_again_for_what_it_was_given_and_for_nothing_else() {
        let ours = proofs(1, 2);
        let proof = ours.of(5, HERE);
        assert_eq!((proof.len(), ours.epoch(&proof, HERE)), (NUMBER + CODE, Some(5)));
        let another_epoch = [&6_u64.to_be_bytes()[..], &proof[NUMBER..]].concat();
        let longer = [&proof[..], &[0]].concat();
        for (what, proof, at) in [
            ("another position", &proof, Cursor { pos: 8, ..HERE }),
            ("another chain", &proof, Cursor { chain: Hash([2; 32]), ..HERE }),
            ("another epoch", &another_epoch, HERE),
            ("something behind it", &longer, HERE),
            ("half of it", &proof[..12].to_vec(), HERE),
            ("its number alone", &proof[..NUMBER].to_vec(), HERE),
            ("nothing", &Vec::new(), HERE),
            ("noughts", &vec![0; NUMBER + CODE], HERE),
            ("another company's", &proofs(2, 2).of(5, HERE), HERE),
            ("another secret's", &proofs(1, 3).of(5, HERE), HERE),
        ] {
            assert_eq!(ours.epoch(proof, at), None, "{what}");
        }
    }
}
